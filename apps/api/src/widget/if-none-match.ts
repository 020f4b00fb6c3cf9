const TAGS = /(?:W\/)?"[^"]*"/g

/** Whether `If-None-Match` names the tag, by weak comparison (RFC 9110, 13.1.2); `*` names any. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return (ifNoneMatch.match(TAGS) ?? []).some((tag) => opaque(tag) === opaque(etag))
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
