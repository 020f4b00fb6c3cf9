/** Length of the UTF-8 sequence that this first byte promises; 0 for a byte that cannot be first. */
function promisedLength(byte: number): number {
  if (byte < 0x80) return 1
  if (byte >= 0xc2 && byte <= 0xdf) return 2
  if (byte >= 0xe0 && byte <= 0xef) return 3
  if (byte >= 0xf0 && byte <= 0xf4) return 4
  return 0
}

function decodedCharacter(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

const stays = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

function decodeEscapes(run: string): string {
  const bytes = run
    .split('%')
    .slice(1)
    .map((hex) => Number.parseInt(hex, 16))
  let decoded = ''
  for (let at = 0; at < bytes.length;) {
    const length = promisedLength(bytes[at] as number)
    const sequence = bytes.slice(at, at + length)
    const character = length > 0 && sequence.length === length ? decodedCharacter(sequence) : undefined
    if (character === undefined) {
      decoded += stays(bytes[at] as number)
      at += 1
      continue
    }
    decoded += /^[%/?#\p{Cc}]$/u.test(character) ? sequence.map(stays).join('') : character
    at += length
  }
  return decoded
}

/** By UTF-16 code units, as `URLSearchParams.sort` does. */
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

function keptQuery(url: URL, pageQueryKeys: readonly string[]): string {
  const pairs = [...url.searchParams]
    .filter(([key]) => pageQueryKeys.includes(key))
    .map(([key, value]): [string, string] => [key, value.normalize('NFC')])
  pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/**
 * The path of a page (contract section 1, Path), from an http(s) URL or a `p` that begins with `/`.
 * Throws on anything else, which the doors answer with an error.
 */
export function pathOf(urlOrPath: string, pageQueryKeys: readonly string[] = []): string {
  const url = new URL(urlOrPath.startsWith('/') ? `https://x${urlOrPath}` : urlOrPath)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`not a page: ${urlOrPath}`)
  let path = url.pathname.replace(/(?:%[0-9a-f]{2})+/gi, decodeEscapes).normalize('NFC')
  path = path.replace(/\/index\.(?:html|php)$/, '/')
  while (path.endsWith('/')) path = path.slice(0, -1)
  if (path === '') path = '/'
  return [...path].slice(0, 1024).join('') + keptQuery(url, pageQueryKeys)
}
