import type { DurableLevel, LevelOperation } from '#disk'
import { countsOf, tallyOf } from '#domain'
import { isDayClosed, isIdDayClosed, PartitionState } from './partition-state.js'
import type { RunTable } from './run-table.js'

/**
 * Keys of a partition's records, `/` apart (a site id has none):
 *
 *     0/next                                   next, stream time, base and tally
 *     0/day/020416/demo/visits/00000000        a page of run records; `paths` alike
 *     0/ids/020416/demo/00000000               a page of ids
 *     0/count/demo/d2026-11-24                 three units of a bucket
 *     0/views/demo//tin/12                     views of a path
 *     0/online/demo                            all online ids
 *     0/chain/00000042                         number of the checkpoint that wrote it, in a ring
 */
const number6 = (n: number) => String(n).padStart(6, '0')
const page8 = (n: number) => String(n).padStart(8, '0')
/**
 * LevelDB passes over a record of its write-ahead file whose sum is wrong, without a word. The last checkpoints have numbers, so
 * that one that is missing is noticed: as many as a write-ahead file (4 MiB) can hold.
 */
const CHAIN_LENGTH = 2 ** 16
/** Sorts after every key that begins with the prefix (keys are ASCII up to the path). */
const endOf = (prefix: string) => `${prefix}\uffff`

/** All records changed since the last call, with `next`, to be written in one batch. Empty when nothing changed. */
export function takeChanges(partition: number, state: PartitionState): LevelOperation[] {
  const operations: LevelOperation[] = []
  const put = (key: string, value: Uint8Array) => operations.push({ type: 'put', key: `${partition}/${key}`, value })
  for (const [id, site] of state.sites) {
    for (const [day, tables] of site.days) {
      putPages(put, `day/${number6(day)}/${id}/visits`, tables.visits)
      putPages(put, `day/${number6(day)}/${id}/paths`, tables.paths)
    }
    for (const [day, table] of site.ids) putPages(put, `ids/${number6(day)}/${id}`, table)
    for (const bucket of site.changedBuckets) {
      const { pageviews, visits, visitors } = site.counters.get(bucket)!
      put(`count/${id}/${bucket}`, floats(pageviews, visits, visitors))
    }
    for (const path of site.changedPaths) put(`views/${id}/${path}`, floats(site.views.get(path)!))
    site.changedBuckets.clear()
    site.changedPaths.clear()
    const online = site.online.takeChanged()
    if (online !== null) put(`online/${id}`, online)
  }
  if (operations.length === 0 && state.next === state.savedNext) return operations
  put(`chain/${page8(++state.checkpoints % CHAIN_LENGTH)}`, floats(state.checkpoints))
  if (state.next !== null) put('next', floats(state.next, state.streamTimeMs, state.base, ...countsOf(state.tally)))
  state.savedNext = state.next
  return operations
}

function putPages(
  put: (key: string, value: Uint8Array) => void,
  prefix: string,
  table: Pick<RunTable, 'takeChangedPages'>,
): void {
  for (const [page, bytes] of table.takeChangedPages()) put(`${prefix}/${page8(page)}`, bytes)
}

/**
 * Removals of every record that the disk has of the sites, to go in front of `takeChanges` in the same batch. Reads the
 * keys of the whole partition, as most of them begin with a day.
 */
export async function removals(
  db: DurableLevel,
  partition: number,
  sites: ReadonlySet<string>,
): Promise<LevelOperation[]> {
  const operations: LevelOperation[] = []
  if (sites.size === 0) return operations
  for await (const key of db.keys(`${partition}/`, endOf(`${partition}/`))) {
    const [, kind, first, second] = key.split('/', 4)
    const siteId = kind === 'day' || kind === 'ids' ? second : first
    if (siteId !== undefined && sites.has(siteId)) operations.push({ type: 'del', key })
  }
  return operations
}

/**
 * The state as the last checkpoint left it. What had expired by then and was not yet cleared is passed over. Records without
 * `next` are what a replacement left that did not come to its end, and after a missing checkpoint nothing can be believed: both
 * are no state, which is made anew.
 */
export async function restore(db: DurableLevel, partition: number): Promise<PartitionState> {
  const state = new PartitionState()
  for await (const [, value] of db.range(`${partition}/next`, endOf(`${partition}/next`))) {
    const [next, streamTimeMs, base, ...tally] = readFloats(value)
    Object.assign(state, { next, streamTimeMs, base, tally: tallyOf(tally) })
    state.savedNext = state.next
  }
  const checkpoints = await lastOfChain(db, partition)
  if (state.next === null || checkpoints === null) {
    await db.clear(`${partition}/`, endOf(`${partition}/`))
    return new PartitionState()
  }
  state.checkpoints = checkpoints
  for await (const [key, value] of db.range(`${partition}/`, endOf(`${partition}/`))) {
    restoreRecord(state, key.slice(key.indexOf('/') + 1), value)
  }
  return state
}

/** The number of the last checkpoint, or null when one of those before it is missing. */
async function lastOfChain(db: DurableLevel, partition: number): Promise<number | null> {
  const numbers: number[] = []
  for await (const [, value] of db.range(`${partition}/chain/`, endOf(`${partition}/chain/`))) {
    numbers.push(readFloats(value)[0])
  }
  const last = numbers.reduce((most, n) => Math.max(most, n), 0)
  const links = numbers.filter((n) => n > last - CHAIN_LENGTH).length
  return links === Math.min(last, CHAIN_LENGTH) ? last : null
}

function restoreRecord(state: PartitionState, key: string, value: Uint8Array): void {
  const [kind, first, second, third] = key.split('/', 4)
  if (kind === 'day' && !isDayClosed(Number(first), state.streamTimeMs)) {
    state.site(second).dayTables(Number(first))[third as 'visits' | 'paths'].restorePage(value)
  } else if (kind === 'ids' && !isIdDayClosed(Number(first), state.streamTimeMs)) {
    state.site(second).idTable(Number(first)).restorePage(value)
  } else if (kind === 'count') {
    const [pageviews, visits, visitors] = readFloats(value)
    state.site(first).counters.set(second, { pageviews, visits, visitors })
  } else if (kind === 'views') {
    state.site(first).views.set(key.slice(`views/${first}/`.length), readFloats(value)[0])
  } else if (kind === 'online') {
    state.site(first).online.restore(value)
  }
}

/** Records written at once: a whole state would not fit into one batch. */
const REPLACED_AT_ONCE = 500

/** Puts a whole state in the place of what is on disk. `next` goes first and comes last, so a part of it is no state. */
export async function replace(db: DurableLevel, partition: number, state: PartitionState): Promise<void> {
  await db.write([{ type: 'del', key: `${partition}/next` }])
  await db.clear(`${partition}/`, endOf(`${partition}/`))
  const operations = takeChanges(partition, state)
  for (let at = 0; at < operations.length; at += REPLACED_AT_ONCE) {
    await db.write(operations.slice(at, at + REPLACED_AT_ONCE))
  }
}

/** Removes from disk what `PartitionState.expire` dropped. */
export async function clearExpired(
  db: DurableLevel,
  partition: number,
  gone: { days: readonly number[]; idDays: readonly number[] },
): Promise<void> {
  const prefixes = [
    ...gone.days.map((day) => `day/${number6(day)}/`),
    ...gone.idDays.map((day) => `ids/${number6(day)}/`),
  ]
  for (const prefix of prefixes) await db.clear(`${partition}/${prefix}`, endOf(`${partition}/${prefix}`))
}

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer)
}

function readFloats(bytes: Uint8Array): number[] {
  return [...new Float64Array(Uint8Array.from(bytes).buffer)]
}
