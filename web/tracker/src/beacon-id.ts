const LENGTH = 36

/**
 * A UUID version 7 (RFC 9562), lower case with dashes. The time only orders storage (contract section 2), so a wrong
 * clock does no harm.
 *
 * @param nowMs Unix time in milliseconds
 * @param random 36 random bytes; each gives the digit at its own place
 */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  const time = Math.max(0, nowMs).toString(16).padStart(12, '0')
  const draft = `${time.slice(0, 8)}-${time.slice(8)}-7xxx-yxxx-xxxxxxxxxxxx`
  return draft.replace(/[xy]/g, (place, index) => {
    const byte = random[index] as number
    return (place === 'x' ? byte & 15 : 8 | (byte & 3)).toString(16)
  })
}

/** Random bytes for one id, also where the page has no `crypto`: ids must differ, they need not be secret. */
export function randomBytes(): Uint8Array {
  const bytes = new Uint8Array(LENGTH)
  try {
    return crypto.getRandomValues(bytes)
  } catch (error) {
    void error
    return bytes.map(() => Math.random() * 256)
  }
}
