import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SITE_DEFAULTS, type Site, SNAPSHOT_SLOTS, type SnapshotSlot, slotBuckets } from '#domain'
import { SiteDirectory } from '#directory'
import { Metrics } from '#metrics'
import { OffsetBook } from '../offsets/offset-book.js'
import { CounterSource } from '../widget/counter-source.js'
import { LastKnown } from '../widget/last-known.js'
import { PathViews } from '../widget/path-views.js'
import { Snapshots } from '../widget/snapshots.js'
import { StoreFallback } from '../widget/store-fallback.js'
import { WidgetDoor } from '../widget/widget.door.js'
import { FaultyCounters, FaultyStore, MemoryRegistry, MemorySnapshots, same } from './faulty-adapters.js'
import { MemoryOffsets } from './memory-offsets.js'
import { TestClock } from './test-clock.js'

export const demo: Site = { ...SITE_DEFAULTS, id: 'demo', timeZone: 'UTC' }

/** The widget door on a bare server, over adapters that fail on demand. */
export class DoorUnderTest {
  readonly counters: FaultyCounters
  readonly store = new FaultyStore()
  readonly disk = new MemorySnapshots()
  readonly registry = new MemoryRegistry()
  readonly metrics = new Metrics()
  readonly ledger = new MemoryOffsets()
  readonly offsets = new OffsetBook(this.ledger)
  directory!: SiteDirectory
  snapshots!: Snapshots
  lastKnown!: LastKnown
  private server: Server | undefined
  url = ''

  constructor(readonly clock: TestClock) {
    this.counters = new FaultyCounters(clock)
    this.registry.sites = [demo]
  }

  async start(): Promise<this> {
    this.directory = new SiteDirectory(this.registry, { read: async () => null, write: async () => undefined })
    await this.directory.start()
    await this.offsets.onModuleInit()
    this.lastKnown = new LastKnown(this.disk)
    await this.lastKnown.onModuleInit()
    const source = new CounterSource(this.counters, this.lastKnown, this.clock)
    const fallback = new StoreFallback(this.store, this.clock)
    this.snapshots = new Snapshots(source, this.lastKnown, fallback, this.offsets, this.clock)
    const pathViews = new PathViews(source, this.lastKnown, fallback, this.offsets, this.clock)
    const door = new WidgetDoor(this.directory, this.snapshots, pathViews, this.clock, this.metrics)
    const server = createServer((req, res) => {
      if (!door.handle(req, res)) res.writeHead(418).end('another door')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.registry.fault.mood = 'fine'
    this.disk.fault.mood = 'fine'
    this.offsets.onModuleDestroy()
    await this.lastKnown.beforeApplicationShutdown()
    await this.directory.stop()
    this.server?.closeAllConnections()
    await new Promise((resolve) => this.server?.close(resolve))
  }

  /** Ends in good order and starts again on the same disk. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** What the counters have for the snapshot of a local day, in the order of the slots. */
  count(day: number, numbers: readonly number[]): void {
    const names = slotBuckets(day)
    for (const [n, slot] of SNAPSHOT_SLOTS.entries()) this.counters.buckets.set(names[slot], same(numbers[n]))
  }

  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, init)
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return (await (await this.get(path)).json()) as Record<string, unknown>
  }
}

/** Numbers that tell the slots apart. */
export const DISTINCT: Readonly<Record<SnapshotSlot, number>> = {
  today: 21,
  yesterday: 990,
  weekMonday: 667,
  weekSunday: 668,
  month: 7087,
  year: 29_537,
  total: 390_402,
}
