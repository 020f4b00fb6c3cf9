import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, cutText, decodeUtf8 } from './text.js'

const EMOJI = '\u{1f600}'
const CODE_UNITS = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })
const NASTY = fc.string({
  unit: fc.constantFrom('a', 'ế', EMOJI, '\ud83d', '\ude00', '\u0000', '\u001f', '\u007f', '\u009f', '\ufffd', '\n'),
})

/** The same rule said code point by code point, with the longest prefix that fits. */
function expectedText(text: string, limit: number): string {
  let result = ''
  for (const point of text) {
    const code = point.codePointAt(0)!
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) continue
    const kept = code >= 0xd800 && code < 0xe000 ? '\ufffd' : point
    if (result.length + kept.length > limit) break
    result += kept
  }
  return result
}

describe('cutText', () => {
  it.each([
    ['leaves short text alone', 'Tin tức', 200, 'Tin tức'],
    ['leaves text of exactly the limit alone', 'abcde', 5, 'abcde'],
    ['cuts text of one unit more', 'abcdef', 5, 'abcde'],
    ['keeps an emoji that ends at the limit', `abc${EMOJI}d`, 5, `abc${EMOJI}`],
    ['leaves out an emoji that would be cut in the middle', `abcd${EMOJI}`, 5, 'abcd'],
    ['cuts after cleaning, so removed characters take no room', '\u0000a\u0007b\u007fc\u0085d\te\nf', 5, 'abcde'],
    ['replaces a high surrogate without its low one', 'a\ud83db', 200, 'a\ufffdb'],
    ['replaces a low surrogate without its high one', 'a\ude00b', 200, 'a\ufffdb'],
    ['replaces a lone surrogate at the end', 'a\ud83d', 200, 'a\ufffd'],
    ['never joins two halves around a removed character', '\ud83d\u0000\ude00', 200, '\ufffd\ufffd'],
    ['keeps what only looks like a control character', '\u00a0\u200b\u2028\ufeff', 200, '\u00a0\u200b\u2028\ufeff'],
    ['keeps the empty text', '', 200, ''],
  ])('%s', (_says, text, limit, expected) => {
    expect(cutText(text, limit)).toBe(expected)
  })

  it.each([
    ['any code units', CODE_UNITS],
    ['controls and halves of pairs', NASTY],
  ])('gives the longest clean prefix that fits, for %s', (_kind, texts) => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 12 }), (text, limit) => {
        expect(cutText(text, limit)).toBe(expectedText(text, limit))
        expect(cleanText(text)).toBe(expectedText(text, Infinity))
      }),
    )
  })
})

describe('decodeUtf8', () => {
  it.each([
    ['a byte that begins nothing', [0xff]],
    ['a continuation byte alone', [0x61, 0x80]],
    ['a sequence cut short', [0xe1, 0xba]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['a code point over U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses %s, and the next text is read as if nothing happened', (_what, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull()
    expect(decodeUtf8(new TextEncoder().encode('tiếng Việt'))).toBe('tiếng Việt')
  })

  it('drops one byte order mark', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toBe('{}')
  })

  it('gives back every well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.startsWith('\ufeff'))
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text)
      }),
    )
  })

  it('takes exactly what a lenient decoder reads without a replacement', () => {
    const bytes = fc.uint8Array({ maxLength: 6 }).filter((bytes) => !bytes.includes(0xef))
    fc.assert(
      fc.property(bytes, (bytes) => {
        const lenient = new TextDecoder().decode(bytes)
        expect(decodeUtf8(bytes)).toBe(lenient.includes('\ufffd') ? null : lenient)
      }),
    )
  })
})
