import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EmbeddedConsumer, EmbeddedLog } from '#adapters/embedded'
import { type SpoolOptions, SpooledLog, SpoolRefusedError } from '#adapters/spool'
import { DurableLevel } from '#disk'
import { Metrics } from '#metrics'
import { type LogEntry, systemClock } from '#ports'
import { eventLogContract, type LogUnderTest } from '#ports/testing'
import { FaultyLog, MOODS, QUICK } from '../../libs/adapters/spool/testing/faulty-log.js'

const temporary = () => mkdtemp(join(tmpdir(), 'truycap-spool-'))
const gone = (folder: string) => rm(folder, { recursive: true, force: true })
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 10_000, interval: 2 })

const HOUR_MS = 3600 * 1000
const entry = (text: string, site = 'aa'): LogEntry => ({ site, bytes: Buffer.from(text) })

eventLogContract('a spool before a log that is well', async () => openOverEmbedded(await temporary()))

async function openOverEmbedded(folder: string): Promise<LogUnderTest> {
  const inner = await EmbeddedLog.open(join(folder, 'log'), 4, systemClock)
  const log = await SpooledLog.open(inner, { folder: join(folder, 'spool'), maxBytes: 1000, clock: systemClock })
  const close = async () => {
    await log.close()
    await inner.close()
  }
  return {
    log,
    consumer: new EmbeddedConsumer(inner, systemClock, { idleMs: 20, onHalt: () => undefined }),
    reopen: async () => {
      await close()
      return openOverEmbedded(folder)
    },
    dispose: async () => {
      await close()
      await gone(folder)
    },
  }
}

describe('a spool before a faulty log', () => {
  let folder: string
  let inner: FaultyLog
  let nowMs: number
  let failures: string[]
  let log: SpooledLog

  const open = async (options: Partial<SpoolOptions> = {}) => {
    const clock = { now: () => nowMs }
    const onFailure = (error: unknown) => failures.push(String(error))
    log = await SpooledLog.open(inner.connect(), { folder, maxBytes: 2 ** 20, clock, onFailure, ...QUICK, ...options })
    return log
  }
  const append = (...texts: string[]) => log.append(texts.map((text) => entry(text)))
  const drained = () => until(() => log.bytes === 0 && !log.isAway)

  beforeEach(async () => {
    folder = await temporary()
    inner = new FaultyLog()
    nowMs = 1_000_000_000_000
    failures = []
  })
  afterEach(async () => {
    await log.close()
    await gone(folder)
    expect(failures).toEqual([])
  })

  it.each(MOODS)('acknowledges what it keeps while the log %s, and the log has it in the end', async (mood) => {
    await open()
    inner.mood = mood
    await append('one', 'two')
    await append('three')
    expect(log.isWritable).toBe(true)
    inner.mood = 'fine'
    await until(() => ['one', 'two', 'three'].every((text) => inner.has(text)))
    await append('four')
    await drained()
    expect(inner.has('four')).toBe(true)
  })

  it('asks a log that is away with what it spools only, never again with every append', async () => {
    await open({ firstWaitMs: 60_000, longestWaitMs: 60_000 })
    inner.mood = 'rejects'
    await append('one')
    await Promise.all(Array.from({ length: 50 }, (_, n) => append(`x${n}`)))
    expect(inner.tries).toEqual([1])
    expect(log.isAway).toBe(true)
  })

  it('replays in order, and lets what is new go straight to a log that is back', async () => {
    await open({ drainPerSecond: 5000 })
    inner.mood = 'rejects'
    const texts = Array.from({ length: 1500 }, (_, n) => `s${n}`)
    for (let n = 0; n < 1500; n += 50) await append(...texts.slice(n, n + 50))
    inner.mood = 'fine'
    const beganAtMs = performance.now()
    await until(() => !log.isAway)
    await append('new')
    expect(log.bytes).toBeGreaterThan(0)
    await drained()
    // 1,500 at 5,000 a second, the last chunk not waited for
    expect(performance.now() - beganAtMs).toBeGreaterThan(190)
    expect(inner.texts.filter((text) => text !== 'new')).toEqual(texts)
    expect(inner.texts.indexOf('new')).toBeLessThan(1500)
  })

  it('goes on draining to a log that is too slow for who waits', async () => {
    await open({ replayLimitMs: 1000 })
    inner.mood = 'slow'
    for (let n = 0; n < 30; n++) await append(`s${n}`)
    await until(() => log.bytes === 0)
    expect(new Set(inner.texts).size).toBe(30)
  })

  it('goes on with what an earlier process left behind, by its age', async () => {
    await open()
    inner.mood = 'rejects'
    await append('left')
    await log.close()
    nowMs += HOUR_MS
    await open({ firstWaitMs: 60_000 })
    expect(log.ageMs()).toBe(HOUR_MS)
    await log.close()
    inner.mood = 'fine'
    await open()
    await drained()
    expect(inner.texts).toEqual(['left'])
  })

  it('keeps a chunk that a crash met between the log and its removal, and replays it', async () => {
    await open({ firstWaitMs: 60_000 })
    inner.mood = 'rejects'
    await append('once')
    const copy = await temporary()
    await cp(folder, copy, { recursive: true })
    await log.close()
    inner.mood = 'fine'
    for (const crashed of [folder, copy]) {
      await open({ folder: crashed })
      await drained()
      await log.close()
    }
    expect(inner.texts).toEqual(['once', 'once'])
    await gone(copy)
  })

  it('never jumps over a damaged entry, tells of it, and lets a log that is back take what is new', async () => {
    const level = await DurableLevel.open(folder)
    await level.write([{ type: 'put', key: `${'7'.padStart(16, '0')}/3`, value: Buffer.from('bad') }])
    await level.close()
    await open()
    await append('past it')
    inner.mood = 'rejects'
    await expect(append('behind it')).rejects.toEqual(new SpoolRefusedError('disk'))
    inner.mood = 'fine'
    await vi.waitFor(() => append('new'), { timeout: 5000, interval: 2 })
    expect([log.bytes, inner.texts]).toEqual([3, ['past it', 'new']])
    expect(new Set(failures.splice(0))).toEqual(
      new Set([`RangeError: The spool at ${'7'.padStart(16, '0')}/3 is damaged.`]),
    )
    await log.close()
    failures = []
  })

  it('refuses what would go past its limit, and nothing once the log is back', async () => {
    await open({ maxBytes: 1000 })
    inner.mood = 'rejects'
    const large = 'x'.repeat(400)
    await append(`1${large}`)
    await append(`2${large}`)
    await expect(append(`3${large}`)).rejects.toEqual(new SpoolRefusedError('full'))
    await append('small')
    inner.mood = 'fine'
    await drained()
    await append(`4${large}`)
    expect(inner.texts.map(([first]) => first)).toEqual(['1', '2', 's', '4'])
  })

  it('finds the log again although the spool takes nothing', async () => {
    await open({ maxBytes: 0 })
    inner.mood = 'rejects'
    await expect(append('lost')).rejects.toThrow('full')
    expect(log.isWritable).toBe(false)
    inner.mood = 'fine'
    await vi.waitFor(() => append('kept'), { timeout: 5000, interval: 2 })
    expect([log.isAway, log.isWritable]).toEqual([false, true])
  })

  it('refuses when its oldest entry is over 24 h old, and expires nothing', async () => {
    await open({ firstWaitMs: 60_000, longestWaitMs: 60_000 })
    inner.mood = 'rejects'
    await append('oldest')
    nowMs += 24 * HOUR_MS
    await append('still taken')
    expect(log.ageMs()).toBe(24 * HOUR_MS)
    nowMs += 1
    await expect(append('refused')).rejects.toEqual(new SpoolRefusedError('too old'))
    expect(log.isWritable).toBe(false)
    await log.close()
    inner.mood = 'fine'
    await open()
    await drained()
    expect(inner.texts).toEqual(['oldest', 'still taken'])
    expect(log.isWritable).toBe(true)
  })

  it('drops what waits for a site that was deleted meanwhile', async () => {
    const goneSites = new Set<string>()
    await open({ isGone: (siteId) => goneSites.has(siteId) })
    inner.mood = 'rejects'
    await log.append([entry('stays'), entry('goes', 'bb')])
    await log.append([entry('goes too', 'bb')])
    goneSites.add('bb')
    inner.mood = 'fine'
    await drained()
    expect(inner.texts).toEqual(['stays'])
  })

  it('tells its size and age as metrics, and when the log goes and comes', async () => {
    const metrics = new Metrics()
    const changes: string[] = []
    await open({ metrics, onAway: (isAway, cause) => changes.push(isAway ? String(cause) : 'back') })
    const figures = async () =>
      Promise.all(
        [metrics.spoolBytes.get(), metrics.spoolOldestSeconds.get()].map(async (m) => (await m).values[0].value),
      )
    inner.mood = 'rejects'
    await append('one')
    nowMs += 60_000
    await append('two')
    const [bytes, seconds] = await figures()
    expect(bytes).toBeGreaterThan(6)
    expect(seconds).toBe(60)
    inner.mood = 'fine'
    await drained()
    await vi.waitFor(async () => expect(await figures()).toEqual([0, 0]))
    expect(changes).toEqual(['Error: the log rejects', 'back'])
  })

  it('ends in order while the log hangs: what was being appended is kept, what is new refused', async () => {
    await open({ appendLimitMs: 100, replayLimitMs: 60_000 })
    inner.mood = 'hangs'
    const underWay = append('under way')
    const closing = log.close()
    await expect(append('late')).rejects.toThrow('closed')
    await Promise.all([underWay, closing])
    inner.mood = 'fine'
    await open()
    await drained()
    expect(inner.texts).toEqual(['under way'])
  })

  it('leaves little on the disk after a large outage', { timeout: 20_000 }, async () => {
    const rowsOf = (n: number) => Array.from({ length: 200 }, (_, i) => `${n}/${i}/${Math.random()}`.padEnd(300, '.'))
    await open({ maxBytes: 2 ** 26 })
    inner.mood = 'rejects'
    for (let n = 0; n < 100; n++) await append(...rowsOf(n))
    expect(log.bytes).toBeGreaterThan(6_000_000)
    inner.mood = 'fine'
    await drained()
    await log.close()
    const copied = await readAll(folder)
    expect(copied.length).toBeLessThan(300_000)
    expect(copied.includes('99/199/')).toBe(false)
    expect(new Set(inner.texts).size).toBe(20_000)
  })
})

async function readAll(folder: string): Promise<Buffer> {
  return Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))))
}
