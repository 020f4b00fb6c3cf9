/** Lets everybody else have a turn: one long request must not hold up the beacons of all sites. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Does `work` for each item, with a pause after every few hundred. */
export async function forEachInSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let n = 0
  for (const item of items) {
    work(item)
    if (++n % SLICE === 0) await breathe()
  }
}

/** About two milliseconds of path normalisation. */
const SLICE = 500
