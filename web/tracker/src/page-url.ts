const MAX_URL_LENGTH = 2048

/** The URL up to its fragment. Two URLs that differ only behind `#` are the same page (contract section 1, Path). */
export function withoutFragment(url: string): string {
  return url.replace(/#.*/, '')
}

/**
 * The longest form of an absolute URL that the door takes as `u` (contract section 2: at most 2,048): the fragment
 * goes first, then whole query pairs from the end, so that no kept pair has a wrong value. A path that is too long by
 * itself is cut, since a view is never given up.
 */
export function trimUrl(url: string): string {
  const whole = url.length > MAX_URL_LENGTH ? withoutFragment(url) : url
  if (whole.length <= MAX_URL_LENGTH) return whole
  // One character too many, so that the last pair is known to be too long, or is the empty one after a `&`.
  const start = whole.slice(0, MAX_URL_LENGTH + 1)
  return start.replace(/(\?.*)&.*|\?.*/, '$1').slice(0, MAX_URL_LENGTH)
}
