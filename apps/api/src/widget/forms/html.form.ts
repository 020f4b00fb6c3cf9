import type { FormModel } from './form-model.js'
import { PALETTES, type Palette, type Theme } from './form-themes.js'
import { escaped } from './markup.js'

const MONOSPACE = `ui-monospace,'DejaVu Sans Mono',Consolas,monospace`
// One number of text with a cell painted behind each digit: 1.7ch a digit, of which .2ch are the gap.
const IN_CELLS = `padding:.1em 0 .1em .25ch;font-family:${MONOSPACE};letter-spacing:.7ch`

const DIGITS: Readonly<Record<Theme, string>> = {
  classic: IN_CELLS,
  flat: 'font-size:1.6em',
  led: `${IN_CELLS};font-size:1.25em`,
}

const colours = ({ box, text, edge, cell, digit }: Palette): string =>
  `main{background:${box};color:${text};border-color:${edge}}.t b{color:${digit};background:repeating-linear-gradient(90deg,${cell} 0 1.5ch,transparent 0 1.7ch) 0/calc(100% - .35ch) no-repeat}`

/** The style sheet of an HTML document: a constant for each theme, so that a policy can name its hash. */
export function htmlCss(theme: Theme): string {
  const { light, dark } = PALETTES[theme]
  return (
    'body{margin:0;font:16px/1.5 system-ui,sans-serif}' +
    'main{box-sizing:border-box;max-width:20em;padding:.75em 1em;border:1px solid;border-radius:4px}' +
    'h1{margin:0;font-size:1em}.t{margin:.4em 0}' +
    `.t b{display:inline-block;white-space:nowrap;${DIGITS[theme]}}` +
    'dl,dt,dd{margin:0}dt,dd{display:inline}dd{font-weight:700}.n{margin:0;font-size:.8em}.s .t,.s dl{opacity:.7}' +
    `${colours(light)}@media (prefers-color-scheme:dark){${colours(dark)}}`
  )
}

/** The widget as a small document for an iframe: no script, nothing loaded, not for search engines. */
export function htmlForm(model: FormModel, theme: Theme): string {
  const { language, heading, total, lines, note } = model
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(heading)}</title>
<style>${htmlCss(theme)}</style>
</head>
<body>
<main${note === '' ? '' : ' class="s"'}>
<h1>${escaped(heading)}</h1>
<p class="t"><b role="img" aria-label="${escaped(total.label)}">${escaped(total.digits)}</b></p>
<dl>
${lines.map(({ label, value }) => `<div><dt>${escaped(label)}:</dt> <dd>${escaped(value)}</dd></div>`).join('\n')}
</dl>${note === '' ? '' : `\n<p class="n">${escaped(note)}</p>`}
</main>
</body>
</html>
`
}
