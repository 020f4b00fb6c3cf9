/**
 * What is neither a control character nor a surrogate needs nothing. Paired surrogates are suspected too, at the
 * price of the slow path: without the flag `u` this is five times faster on text outside Latin-1.
 */
const SUSPECT = /[^ -~\u00a0-\ud7ff\ue000-\uffff]/
const LONE_SURROGATES = /\p{Surrogate}/gu
const CONTROLS = /\p{Control}/gu

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Text as it may be stored (contract section 2): lone surrogates become U+FFFD, NUL and other control characters
 * (U+0000-001F, U+007F-009F) are removed, in this order, so that removing one never joins two halves of a pair.
 */
export function cleanText(text: string): string {
  return SUSPECT.test(text) ? text.replace(LONE_SURROGATES, '\ufffd').replace(CONTROLS, '') : text
}

/**
 * Cleaned first, then cut to `limit` UTF-16 units; a code point that does not fit whole is left out, so the result
 * may be one unit shorter (contract section 2).
 */
export function cutText(text: string, limit: number): string {
  const clean = cleanText(text)
  if (clean.length <= limit) return clean
  return clean.slice(0, isHighSurrogate(clean.charCodeAt(limit - 1)) ? limit - 1 : limit)
}

/** Null on invalid UTF-8. A leading byte order mark is dropped, as browsers do when they read JSON. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
