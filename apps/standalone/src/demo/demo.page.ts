import type { Script } from '#api'

/** Pages of the demo: enough to click around and see views, visits and online move. */
const ARTICLES: Readonly<Record<string, string>> = {
  '/': 'Trang chủ',
  '/tin/1': 'Bài viết 1',
  '/tin/2': 'Bài viết 2',
}

export const DEMO_PATHS = Object.keys(ARTICLES)

/** The demo page under `/` and its articles: embeds the tracker and the widget for the site `demo` as an owner would. */
export function demoPage(path: string, scripts: { readonly t: Script; readonly w: Script }): string {
  const links = DEMO_PATHS.map((to) => (to === path ? `<b>${ARTICLES[to]}</b>` : `<a href="${to}">${ARTICLES[to]}</a>`))
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${ARTICLES[path]} · Truycap</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; background: #fff }
  nav a, nav b { margin-right: 1rem } pre { background: #f3f5f7; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
  @media (prefers-color-scheme: dark) { body { color: #dfe6ee; background: #14191f } pre { background: #1f2730 } a { color: #8ab8ff } }
</style>
<script defer src="/t.js" data-site="demo"></script>
<script defer src="/w.js"></script>
</head>
<body>
<nav>${links.join('')}</nav>
<h1>${ARTICLES[path]}</h1>
<p><span data-truycap-views></span></p>
<truycap-widget site="demo" refresh="15"></truycap-widget>
<main lang="en">
<p>Truycap is running. This page embeds the tracker and the widget for the site <code>demo</code>: click through the pages
above, or open this address in another browser, and the numbers move (the widget asks again every 15 seconds).</p>
<h2>What to do next</h2>
<ol>
<li>Make a site of your own. The admin key is <code>TRUYCAP_ADMIN_KEY</code>, else in <code>admin.key</code> of the data folder
(<code>TRUYCAP_DATA_DIR</code>, here as by default):
<pre>curl -X POST http://HOST/v1/sites -H "Authorization: Bearer $(cat data/admin.key)" \\
  -H 'Content-Type: application/json' -d '{"id":"my-site","hosts":["example.vn"]}'</pre></li>
<li>Put it into your pages:
<pre>&lt;script defer src="http://HOST/t.js" data-site="my-site"&gt;&lt;/script&gt;
&lt;script defer src="http://HOST/w.js"&gt;&lt;/script&gt;
&lt;truycap-widget site="my-site"&gt;&lt;/truycap-widget&gt;
&lt;span data-truycap-views&gt;&lt;/span&gt;</pre>
Or, so that a browser runs these scripts and no others, with their versions and integrity:
<pre>${pinned('t', scripts.t, ' data-site="my-site"')}
${pinned('w', scripts.w, '')}</pre>
Where scripts are forbidden: <pre>&lt;iframe src="http://HOST/w/my-site.html" title="Thống kê truy cập" width="320" height="240"&gt;&lt;/iframe&gt;
&lt;img src="http://HOST/w/my-site.svg" alt="Thống kê truy cập" width="240" height="194"&gt;</pre></li>
<li>Bring in an access log (what is over 48 hours old is refused unless it is moved in time):
<pre>npm run replay -- access.log --site my-site --host https://example.vn --last 47h --end now</pre></li>
<li>The bare numbers: <a href="/w/demo.json">/w/demo.json</a>, <a href="/w/demo.txt?f=total">/w/demo.txt?f=total</a>; without
script: <a href="/w/demo.html">/w/demo.html</a>, <a href="/w/demo.svg">/w/demo.svg</a></li>
</ol>
</main>
<script>
  for (const pre of document.querySelectorAll('pre')) pre.textContent = pre.textContent.replaceAll('http://HOST', location.origin)
</script>
</body>
</html>
`
}

/** The tag of an immutable copy as text of HTML. */
function pinned(letter: 't' | 'w', { version, sha256 }: Script, attributes: string): string {
  return `&lt;script defer src="http://HOST/${letter}/${version}.js" integrity="sha256-${sha256}" crossorigin="anonymous"${attributes}&gt;&lt;/script&gt;`
}
