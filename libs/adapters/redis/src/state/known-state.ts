import { countsOf, type Tally, tallyOf } from '#domain'
import { type LuaScript, type RedisArgument, type RedisReply, settled } from '../connection/lua-script.js'
import type { RedisClient } from '../connection/redis-connection.js'
import { READ, SWITCH } from '../connection/scripts.js'
import { decodeCounts, type Group } from '../layout/groups.js'
import type { LevelCounts } from '../layout/levels.js'
import { directoryKey, headerKey, type PartitionKeys } from '../layout/partition-keys.js'
import { Calls } from './calls.js'

/** What the header of a generation says. */
export interface Header {
  /** null: there is no state. */
  readonly next: number | null
  /** Names the commit that made the state: two states with one stamp are the same, whatever was rolled back in between. */
  readonly stamp: string
  readonly streamTimeMs: number
  readonly caughtUpAtMs: number
  /** Where the state was begun, and what became of the records since. */
  readonly base: number
  readonly tally: Tally
  /** A commit did not come to its end: nothing of the state can be believed. */
  readonly isBroken: boolean
}

/** A state as this process knows it; true as long as the stamp in Redis is the same. */
export interface KnownState extends Header {
  readonly gen: string
  readonly groups: Map<Group, LevelCounts>
  /** Closed groups whose keys are still to be deleted, as of an hour of stream time. */
  readonly closed: { hour: number; groups: Group[] }
}

/** Where a partition lives. */
export interface Place {
  readonly client: RedisClient
  readonly keys: PartitionKeys
}

export interface Answer {
  readonly liveGen: string
  readonly header: Header
  readonly values: readonly RedisReply[]
}

/** Runs a script on one generation of a partition. */
export function runOn(place: Place, gen: string, script: LuaScript, calls: Calls, args: readonly RedisArgument[] = []) {
  const generation = place.keys.generation(gen)
  const keys = [place.keys.root, headerKey(generation), ...calls.keys.map((key) => generation + key)]
  return script.run(place.client, keys, [...args, ...calls.args])
}

/** The answers of all calls, with the header, of one moment. */
export async function readOf(place: Place, gen: string, calls = new Calls()): Promise<Answer> {
  const [liveGen, header, ...values] = (await runOn(place, gen, READ, calls)) as RedisReply[]
  return { liveGen: text(liveGen) ?? '0', header: headerOf(header as RedisReply[]), values }
}

function headerOf([next, stamp, stream, caughtUpAt, base, tally]: readonly RedisReply[]): Header {
  const nextText = text(next)
  return {
    next: nextText === null || nextText === '' ? null : Number(nextText),
    stamp: text(stamp) ?? '',
    streamTimeMs: Number(text(stream) ?? 0),
    caughtUpAtMs: Number(text(caughtUpAt) ?? 0),
    base: Number(text(base) ?? 0),
    tally: tallyOf((text(tally) ?? '').split(',').map(Number)),
    isBroken: nextText === '',
  }
}

export const encodeTally = (tally: Tally): string => countsOf(tally).join(',')

export const text = (reply: RedisReply | undefined): string | null =>
  reply === null || reply === undefined ? null : String(reply)

/** The live state, with all its groups. One that is broken is put aside, and then there is none. */
export async function readLive(place: Place): Promise<KnownState> {
  let gen = (await readOf(place, '0')).liveGen
  for (;;) {
    const calls = new Calls()
    calls.add('HGETALL', directoryKey(''))
    const { liveGen, header, values } = await readOf(place, gen, calls)
    if (liveGen !== gen) gen = liveGen
    else if (header.isBroken) await switchTo(place, gen, await unusedGeneration(place))
    else return { ...header, gen, groups: groupsOf(values[0] as RedisReply[]), closed: { hour: -1, groups: [] } }
  }
}

function groupsOf(pairs: readonly RedisReply[]): Map<Group, LevelCounts> {
  const groups = new Map<Group, LevelCounts>()
  for (let i = 0; i < pairs.length; i += 2) groups.set(text(pairs[i])!, decodeCounts(text(pairs[i + 1])!))
  return groups
}

export async function switchTo(
  place: Place,
  from: string,
  to: string,
  guard: { field: string; value: string } = { field: '', value: '' },
  next = '',
): Promise<boolean> {
  return (await runOn(place, to, SWITCH, new Calls(), [from, to, guard.field, guard.value, next])) === 1
}

/** The generations that have or may have keys, besides the live one: number -> who makes it, or `old`. */
export async function otherGenerations(place: Place): Promise<{ live: string; others: Map<string, string> }> {
  const fields = await settled(place.client, () => place.client.hgetall(place.keys.root))
  const { gen: live = '0', ...rest } = fields
  return { live, others: new Map(Object.entries(rest).map(([field, value]) => [field.slice(1), value])) }
}

export async function unusedGeneration(place: Place): Promise<string> {
  const { live, others } = await otherGenerations(place)
  return String(Math.max(Number(live), ...[...others.keys()].map(Number)) + 1)
}
