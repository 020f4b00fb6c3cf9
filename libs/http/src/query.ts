import type { Problem } from '#domain'

/** A request target in its two parts; the fragment that some clients send belongs to neither. */
export function splitTarget(url: string): { path: string; query: string } {
  const target = url.split('#', 1)[0]
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/**
 * The query's parameters, read as `URLSearchParams` does, if all its keys are known; else `unknown_parameter` with the
 * first unknown one (contract section 4).
 */
export function readQuery(query: string, known: readonly string[]): { params: URLSearchParams } | { problem: Problem } {
  const params = new URLSearchParams(query)
  for (const key of params.keys()) {
    if (!known.includes(key)) return { problem: { code: 'unknown_parameter', field: key } }
  }
  return { params }
}
