import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeEvent, SITE_DEFAULTS } from '#domain'
import type { SiteStore } from '#ports'
import { MemoryLog, MemoryRegistry } from '../testing/faulty-adapters.js'
import { SiteEraser } from './site-eraser.js'

Logger.overrideLogger(false)

describe('SiteEraser', () => {
  const clock = { now: () => Date.now() }
  let registry: MemoryRegistry
  let log: MemoryLog
  let told: string[]
  let eraser: SiteEraser
  const store: SiteStore = {
    eraseSite: async (siteId) => {
      told.push(siteId)
    },
  }
  const started = (): SiteEraser => {
    const made = new SiteEraser(registry, log, [store], clock)
    made.onApplicationBootstrap()
    return made
  }
  /** Seconds since the beginning at which something was erased. */
  const erasures = () => log.entries.map(({ bytes }) => (decodeEvent(bytes)!.receivedAtMs - START_MS) / 1000)
  const remove = async (id: string) => {
    registry.sites = [...registry.sites, { ...SITE_DEFAULTS, id }]
    await registry.deleteSite(id, clock.now())
    await eraser.erase()
  }
  const START_MS = Date.parse('2026-11-23T12:00:00Z')

  beforeEach(async () => {
    vi.useFakeTimers({ now: START_MS })
    registry = new MemoryRegistry()
    log = new MemoryLog()
    told = []
    eraser = started()
    await vi.advanceTimersByTimeAsync(0)
  })
  afterEach(async () => {
    await eraser.onModuleDestroy()
    vi.useRealTimers()
  })

  it('erases at once and again 5 s later, when no process takes events of the site any more', async () => {
    await remove('aa')
    expect([erasures(), told]).toEqual([[0], ['aa']])
    await vi.advanceTimersByTimeAsync(4999)
    expect([erasures(), await registry.unerased()]).toEqual([[0], [expect.objectContaining({ siteId: 'aa' })]])
    await vi.advanceTimersByTimeAsync(1)
    expect([erasures(), told, await registry.unerased()]).toEqual([[0, 5], ['aa', 'aa'], []])
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(erasures()).toEqual([0, 5])
  })

  it('goes on where an earlier process ended', async () => {
    await remove('aa')
    await eraser.onModuleDestroy()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(erasures()).toEqual([0])
    eraser = started()
    await vi.advanceTimersByTimeAsync(0)
    expect([erasures(), await registry.unerased()]).toEqual([[0, 60], []])
  })

  it('finds what another process has deleted', async () => {
    registry.tombstones.set('bb', { siteId: 'bb', deletedAtMs: START_MS, erased: false })
    await vi.advanceTimersByTimeAsync(30_000)
    expect([erasures(), await registry.unerased()]).toEqual([[30], []])
  })

  it.each(['log', 'registry'] as const)('is not done while the %s is away', async (away) => {
    await remove('aa')
    const { fault } = away === 'log' ? log : registry
    fault.mood = 'failing'
    await vi.advanceTimersByTimeAsync(20_000)
    fault.mood = 'fine'
    expect(await registry.unerased()).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await registry.unerased()).toEqual([])
    expect(erasures().at(-1)).toBeGreaterThanOrEqual(20)
  })

  it('erases many that are deleted at once, each twice', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => remove(`s${n}`)))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(log.entries.map(({ site }) => site).toSorted()).toEqual(
      Array.from({ length: 40 }, (_, n) => `s${Math.floor(n / 2)}`).toSorted(),
    )
    expect(await registry.unerased()).toEqual([])
  })
})
