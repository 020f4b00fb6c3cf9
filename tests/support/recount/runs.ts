/** A point of the run rule: its time and the timeout stamped on it, in seconds. */
export interface Point {
  t: number
  timeout: number
}

/**
 * The points that start a run (contract section 1, The run rule), of one key, read word for word: in order of `t`
 * a point starts a run if it is the first, or its predecessor is more than the timeout older.
 * Points of the same second with different timeouts: the shortest first (docs/adr/0004), so that arrival order cannot matter.
 */
export function runStarts<P extends Point>(points: readonly P[]): P[] {
  const inOrder = [...points].sort((a, b) => a.t - b.t || a.timeout - b.timeout)
  return inOrder.filter((point, at) => {
    const predecessor = inOrder[at - 1]
    return predecessor === undefined || point.t - predecessor.t > point.timeout
  })
}

/** Points by key, without any order. */
export function byKey<P>(points: readonly P[], keyOf: (point: P) => string): Map<string, P[]> {
  const groups = new Map<string, P[]>()
  for (const point of points) {
    const group = groups.get(keyOf(point))
    if (group) group.push(point)
    else groups.set(keyOf(point), [point])
  }
  return groups
}
