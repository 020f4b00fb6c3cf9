import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BatchPlan, isoDate, seedOperations } from '#domain'
import { eventOf } from '#domain/testing'
import { EmbeddedConsumer, EmbeddedCounters, EmbeddedLog, FileSalts } from '#adapters/embedded'
import { DurableLevel } from '#disk'
import { systemClock } from '#ports'
import {
  type CountersUnderTest,
  countersContract,
  eventLogContract,
  type LogUnderTest,
  saltsContract,
  type SaltsUnderTest,
} from '#ports/testing'

const temporary = () => mkdtemp(join(tmpdir(), 'truycap-contract-'))
const gone = (folder: string) => rm(folder, { recursive: true, force: true })

for (const partitions of [1, 4]) {
  countersContract(`embedded counters in ${partitions} partition(s)`, async () =>
    openCounters(partitions, await temporary()),
  )
  eventLogContract(`embedded log in ${partitions} partition(s)`, async () => openLog(partitions, await temporary()))
}

saltsContract('salts in files', async () => openSalts(await temporary()))

async function openCounters(partitions: number, folder: string): Promise<CountersUnderTest> {
  const counters = await EmbeddedCounters.open({ folder, partitions, checkpointEveryMs: 1_000_000 })
  const dispose = async () => {
    await counters.close()
    await gone(folder)
  }
  return {
    counters,
    partitions,
    persist: () => counters.checkpoint(),
    dispose,
    // As kill -9 leaves it: a copy of the files as they are, while the old instance never gets to write its last words there.
    reopen: async () => {
      const copy = await temporary()
      await cp(folder, copy, { recursive: true })
      await dispose()
      return openCounters(partitions, copy)
    },
  }
}

async function openLog(partitions: number, folder: string): Promise<LogUnderTest> {
  const log = await EmbeddedLog.open(folder, partitions, systemClock)
  return {
    log,
    consumer: new EmbeddedConsumer(log, systemClock, { idleMs: 20, onHalt: () => undefined }),
    reopen: async () => {
      const copy = await temporary()
      await cp(folder, copy, { recursive: true })
      await log.close()
      await gone(folder)
      return openLog(partitions, copy)
    },
    dispose: async () => {
      await log.close()
      await gone(folder)
    },
  }
}

async function openSalts(folder: string): Promise<SaltsUnderTest> {
  return {
    salts: await FileSalts.open(folder),
    reopen: () => openSalts(folder),
    lose: async (day) => {
      await rm(join(folder, isoDate(day)))
      return openSalts(folder)
    },
    keeps: async (text) => {
      const files = await readdir(folder)
      const contents = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
      return contents.some((content) => content.includes(text))
    },
    dispose: () => gone(folder),
  }
}

describe('the embedded log', () => {
  /** A log whose clock says what the test says. */
  const openAt = async (folder: string, clock: { nowMs: number }) =>
    EmbeddedLog.open(folder, 1, { now: () => clock.nowMs })
  const entry = () => [{ site: 'aa', bytes: new Uint8Array(3) }]

  // offset   0      1      2      3
  // time     10     20     30     40
  it.each([
    ['what is old and passed', 2, 35, 2],
    ['nothing that a group has not passed', 1, 100, 1],
    ['nothing that is young', 4, 15, 1],
    ['never its last flush, which tells the end', 4, 100, 3],
  ])('cuts %s', async (_, passed, beforeMs, first) => {
    const folder = await temporary()
    const clock = { nowMs: 10 }
    const log = await openAt(folder, clock)
    for (; clock.nowMs <= 40; clock.nowMs += 10) await log.append(entry())
    await log.cut(0, passed, beforeMs)
    expect([log.first(0), log.end(0)]).toEqual([first, 4])
    await log.close()
    const again = await openAt(folder, clock)
    expect([again.first(0), again.end(0)]).toEqual([first, 4])
    await again.close()
    await gone(folder)
  })

  it('appends nothing before a stream time that it said, whatever its clock does then', async () => {
    const folder = await temporary()
    const clock = { nowMs: 1000 }
    const log = await openAt(folder, clock)
    expect(log.streamTime(0, 5000)).toBe(5000)
    await log.append(entry())
    expect((await log.read(0, 0, 1))[0].appendedAtMs).toBe(5000)
    await log.close()
    await gone(folder)
  })

  it('says no stream time past a flush that is under way', async () => {
    const folder = await temporary()
    const clock = { nowMs: 1000 }
    const log = await openAt(folder, clock)
    await log.append(entry())
    clock.nowMs = 2000
    const appended = log.append(entry())
    await new Promise((resolve) => setImmediate(resolve)) // the flush begins at the end of the turn
    expect(log.streamTime(0, 9000)).toBe(1000)
    await appended
    expect((await log.read(0, 1, 1))[0].appendedAtMs).toBe(2000)
    expect(log.streamTime(0, 9000)).toBe(9000)
    await log.close()
    await gone(folder)
  })
})

describe('the embedded counters', () => {
  it('take records without `next`, as a replacement that was cut short leaves them, for no state', async () => {
    const folder = await temporary()
    const counters = await EmbeddedCounters.open({ folder, partitions: 1 })
    const rebuild = await counters.rebuild(0)
    await rebuild.apply(seedOperations([{ site: 'aa', day: 1, pageviews: 1, visits: 1, visitors: 1 }], []))
    await rebuild.finish(7)
    await counters.close()
    const level = await DurableLevel.open(folder)
    await level.write([{ type: 'del', key: '0/next' }])
    await level.close()
    const opened = await EmbeddedCounters.open({ folder, partitions: 1 })
    expect(await opened.next(0)).toBeNull()
    const event = eventOf({ site: 'aa' })
    expect((await opened.load(0, new BatchPlan([{ event, appendedAtMs: 1 }]))).known).toEqual([false])
    await opened.caughtUp(0, 0, 1000)
    const { buckets } = await opened.read('aa', { buckets: ['t'], onlineAfter: 0, onlineUntil: 0 })
    expect(buckets).toEqual([{ pageviews: 0, visits: 0, visitors: 0 }])
    await opened.close()
    await gone(folder)
  })
})
