import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPathCache, pageOf, pathOf, pathOfParameter } from './path.js'

const at = (rest: string, keys: readonly string[] = []): string => pathOf(`https://example.vn${rest}`, keys)

describe('the path of a page', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['//', '/'],
    ['/a', '/a'],
    ['/a/', '/a'],
    ['/a///', '/a'],
    ['/A//b', '/A//b'],
    ['//a', '//a'],
    ['/a/./b/../c', '/a/c'],
    ['/a\\b', '/a/b'],
    ['/a?id=12#top', '/a'],
    ['/a;v=1,2', '/a;v=1,2'],
  ])('of %j is %j', (rest, path) => {
    expect(at(rest)).toBe(path)
  })

  it.each([
    ['/tin-t%E1%BB%A9c', '/tin-tức'],
    ['/tin-tức', '/tin-tức'],
    ['/%74in', '/tin'],
    ['/a%20b', '/a b'],
    ['/a%5cb', '/a\\b'],
    ['/%F0%9F%87%BB', '/\u{1F1FB}'],
    ['/%EF%BB%BFa', '/\uFEFFa'],
  ])('decodes escapes of characters: %j is %j', (rest, path) => {
    expect(at(rest)).toBe(path)
  })

  it.each([
    ['/a%2fb', '/a%2Fb'],
    ['/100%25', '/100%25'],
    ['/%2541', '/%2541'],
    ['/a%3fb%23c', '/a%3Fb%23c'],
    ['/a%0ab%00c%7f', '/a%0Ab%00c%7F'],
    ['/a%c2%85b', '/a%C2%85b'],
  ])('keeps what would change its meaning escaped, in upper case: %j is %j', (rest, path) => {
    expect(at(rest)).toBe(path)
  })

  it.each([
    ['/a%e1%bb', '/a%E1%BB'],
    ['/%ff%fe', '/%FF%FE'],
    ['/%c0%af', '/%C0%AF'],
    ['/%e0%80%af', '/%E0%80%AF'],
    ['/%f0%80%80%af', '/%F0%80%80%AF'],
    ['/%ed%a0%80', '/%ED%A0%80'],
    ['/%f4%90%80%80', '/%F4%90%80%80'],
    ['/%e1%bb%41', '/%E1%BBA'],
    ['/%e1%bb%a9%e1', '/ứ%E1'],
    ['/%zz%4', '/%zz%4'],
    ['/50%a', '/50%a'],
  ])('keeps escapes that are no UTF-8: %j is %j', (rest, path) => {
    expect(at(rest)).toBe(path)
  })

  it('is one for composed and decomposed spellings', () => {
    expect(at('/tin-tu\u031B\u0301c')).toBe('/tin-tức')
    expect(at('/tin-tu%CC%9B%CC%81c')).toBe('/tin-tức')
  })

  it.each([
    ['/index.html', '/'],
    ['/index.php', '/'],
    ['/a/index.html', '/a'],
    ['/a//index.php', '/a'],
    ['/%69ndex%2Ehtml', '/'],
    ['/index.php?id=1', '/'],
    ['/a/Index.html', '/a/Index.html'],
    ['/a/index.htm', '/a/index.htm'],
    ['/myindex.html', '/myindex.html'],
    ['/index.html/b', '/index.html/b'],
    ['/a%2Findex.html', '/a%2Findex.html'],
  ])('drops a final index page: %j is %j', (rest, path) => {
    expect(at(rest)).toBe(path)
  })

  it('drops one index page, and looks for it before the slashes go', () => {
    expect(at('/a/index.html/index.html')).toBe('/a/index.html')
    expect(at('/a/index.html/')).toBe('/a/index.html')
    expect(at('/index.php/index.html/')).toBe('/index.php/index.html')
  })

  it('is cut to 1,024 code points, whatever is then its end', () => {
    expect(at(`/${'a'.repeat(2000)}`)).toBe(`/${'a'.repeat(1023)}`)
    expect(at(`/${'\u{1F1FB}'.repeat(300)}`)).toBe(`/${'\u{1F1FB}'.repeat(300)}`)
    expect(at(`/${'\u{1F1FB}'.repeat(1200)}`)).toBe(`/${'\u{1F1FB}'.repeat(1023)}`)
    expect(at(`/${'a'.repeat(1022)}/b`)).toBe(`/${'a'.repeat(1022)}/`)
  })
})

describe('the query of a path', () => {
  it.each([
    ['/a?id=12', ['id'], '/a?id=12'],
    ['/?b=2&a=1&c=3', ['a', 'b'], '/?a=1&b=2'],
    ['/a?id=2&id=10&id=1', ['id'], '/a?id=1&id=10&id=2'],
    ['/a?ID=2', ['id'], '/a'],
    ['/a?id', ['id'], '/a?id='],
    ['/a?q=a%20b+c', ['q'], '/a?q=a+b+c'],
    ['/a?q=%26%3D', ['q'], '/a?q=%26%3D'],
    ['/a?q=e%CC%81', ['q'], '/a?q=%C3%A9'],
    ['/a?q=%FF', ['q'], '/a?q=%EF%BF%BD'],
    ['/index.php?id=12&utm_source=x', ['id'], '/?id=12'],
    ['/a/?id=1/', ['id'], '/a?id=1%2F'],
  ])('of %j with %j listed: %j', (rest, keys, path) => {
    expect(at(rest, keys)).toBe(path)
  })

  it('is not cut with the path', () => {
    expect(at(`/${'a'.repeat(1500)}?id=12`, ['id'])).toBe(`/${'a'.repeat(1023)}?id=12`)
  })
})

describe('the path of a parameter', () => {
  it.each([
    ['/a', '/a'],
    ['//evil.example/a', '//evil.example/a'],
    ['/\\evil.example', '//evil.example'],
    ['/@evil', '/@evil'],
    ['/:80/a', '/:80/a'],
    ['/../a', '/a'],
    ['/a#b', '/a'],
    ['/tin-tức/', '/tin-tức'],
    ['https://other.example:8443/a/?x=1', '/a'],
    ['HTTP://EXAMPLE.VN', '/'],
  ])('%j is %j', (p, path) => {
    expect(pathOfParameter(p, [])).toBe(path)
  })

  it.each(['', 'a', 'a/b', '?id=1', '\\a', 'https://', 'ftp://example.vn/a', 'javascript:/a', 'https://exa mple/'])(
    '%j is a bad one',
    (p) => {
      expect(pathOfParameter(p, [])).toBeNull()
    },
  )

  it('keeps listed query pairs', () => {
    expect(pathOfParameter('/a?x=1&id=12', ['id'])).toBe('/a?id=12')
  })
})

describe('the page of a URL', () => {
  it('has its host without port and in lower case', () => {
    expect(pageOf('https://Bücher.Example:8443/a/', [])).toEqual({ path: '/a', host: 'xn--bcher-kva.example' })
    expect(pageOf('http://[::1]:8080/', [])).toEqual({ path: '/', host: '[::1]' })
  })

  it.each(['', '/a', 'ftp://example.vn/', 'data:text/plain,a', 'about:blank', 'https://a b/'])('%j has none', (url) => {
    expect(pageOf(url, [])).toBeNull()
  })

  it('is the same from a cache, for every list of query keys', () => {
    const cached = createPathCache(3)
    const lists: string[][] = [[], ['id'], ['id', 'q'], ['id,q']]
    const urls = ['https://a.vn/?id=1', 'https://a.vn/?q=2&id=1', '["id"]https://a.vn/?id=1', 'x', 'https://b.vn/b']
    urls.push(`https://a.vn/${'x'.repeat(600)}`)
    fc.assert(
      fc.property(fc.constantFrom(...urls), fc.constantFrom(...lists), (url, keys) => {
        expect(cached(url, keys)).toEqual(pageOf(url, keys))
      }),
    )
  })

  it('is not parsed again while its address is in use', () => {
    const cached = createPathCache(2)
    const first = cached('https://a.vn/1', [])
    for (const n of [2, 3, 4, 5, 6]) {
      cached(`https://a.vn/${n}`, [])
      expect(cached('https://a.vn/1', [])).toBe(first)
    }
  })
})

/** Another way to the same text: at each place try the longest run of escapes that the runtime itself decodes to one character. */
function slowDecode(text: string): string {
  if (text === '') return ''
  for (const length of [12, 9, 6, 3]) {
    const part = text.slice(0, length)
    if (part.length < length || !/^(%[0-9a-f]{2})+$/i.test(part)) continue
    let char = ''
    try {
      char = decodeURIComponent(part)
    } catch {
      continue
    }
    if ([...char].length !== 1) continue
    const code = char.codePointAt(0)!
    const kept = '%/?#'.includes(char) || code < 32 || (code >= 127 && code < 160)
    return (kept ? part.toUpperCase() : char) + slowDecode(text.slice(length))
  }
  if (/^%[0-9a-f]{2}/i.test(text)) return text.slice(0, 3).toUpperCase() + slowDecode(text.slice(3))
  return text[0]! + slowDecode(text.slice(1))
}

describe('any path', () => {
  const escape = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
  const utf8 = fc.string({ unit: 'binary', maxLength: 4 }).map((text) => encodeURIComponent(text))
  const piece = fc.oneof(escape, utf8, fc.constantFrom('/', 'a', '%', '%e', 'index.html', 'index.php', 'ế', 'e\u0302'))
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)

  it('is what the rule says, clause by clause', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const segments = slowDecode(new URL(`https://x${text}`).pathname)
          .normalize('NFC')
          .split('/')
        if (segments.at(-1) === 'index.html' || segments.at(-1) === 'index.php') segments[segments.length - 1] = ''
        while (segments.at(-1) === '') segments.pop()
        expect(pathOfParameter(text, [])).toBe(segments.length === 0 ? '/' : segments.join('/'))
      }),
      { numRuns: 2000 },
    )
  })

  it('is one path in upper and lower case of its escapes', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const upper = text.replaceAll(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase())
        expect(pathOfParameter(text, [])).toBe(pathOfParameter(upper, []))
      }),
    )
  })
})
