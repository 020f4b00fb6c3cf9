const MOST_PATHS = 50
// A request line over 8 KiB is refused by common proxies.
const MOST_QUERY_LENGTH = 7000

/** The query part for one path; undefined when the door would refuse it and, with it, all others of the request. */
export function pathQuery(path: string): string | undefined {
  try {
    // The address that the door makes of it (contract section 1, Path). Both calls throw on what is no address.
    const { protocol } = new URL(path.startsWith('/') ? `https://x${path}` : path)
    return /^https?:$/.test(protocol) ? `p=${encodeURIComponent(path)}` : undefined
  } catch (error) {
    void error
    return undefined
  }
}

/** The queries that ask for the views of the paths: each path once, sorted, at most 50 in a request. */
export function viewsQueries(paths: string[]): string[] {
  const batches: string[][] = []
  let length = Infinity
  for (const path of Array.from(new Set(paths)).sort()) {
    const query = pathQuery(path)
    if (!query) continue
    let batch = batches[batches.length - 1]
    length += query.length + 1
    if (!batch || batch.length === MOST_PATHS || length > MOST_QUERY_LENGTH) {
      batches.push((batch = []))
      length = query.length
    }
    batch.push(query)
  }
  return batches.map((batch) => batch.join('&'))
}
