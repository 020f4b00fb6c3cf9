import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Global, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { SITE_DIRECTORY, SiteDirectory } from '#directory'
import { configureFastify, fastifyOptions } from '#http'
import { METRICS, Metrics } from '#metrics'
import { CLOCK, COUNTER_READER, EVENT_LOG, EVENT_STORE, OFFSET_LEDGER, SITE_REGISTRY, SNAPSHOT_STORE } from '#ports'
import { ApiModule } from '../api.module.js'
import { ADMIN_KEY } from '../owner-door/principal.js'
import { WEB_ASSETS } from '../scripts/web-assets.js'
import { SiteEraser } from '../sites/site-eraser.js'
import { LastKnown } from '../widget/last-known.js'
import { SiteForgetter } from '../widget/site-forgetter.js'
import { Snapshots } from '../widget/snapshots.js'
import { FaultyCounters, FaultyStore, MemoryLog, MemoryRegistry, MemorySnapshots } from './faulty-adapters.js'
import { MemoryOffsets } from './memory-offsets.js'
import { TestClock } from './test-clock.js'

export const ADMIN = 'admin-key-of-the-test'

export interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly text: string
  readonly json: unknown
}

/** The whole api feature under Nest and Fastify, as a main wires it, over adapters in memory. */
export class OwnerDoorUnderTest {
  readonly clock = TestClock.at('2026-11-23T12:00:00Z')
  readonly registry = new MemoryRegistry()
  readonly log = new MemoryLog()
  readonly disk = new MemorySnapshots()
  readonly directory = new SiteDirectory(this.registry, { read: async () => null, write: async () => undefined })
  readonly metrics = new Metrics()
  /** Every route of the app as its router knows it (`GET /v1/sites/:id`), but for HEAD, which goes with GET. */
  readonly routes: string[] = []
  readonly counters = new FaultyCounters(this.clock)
  readonly ledger = new MemoryOffsets()
  app!: NestFastifyApplication
  private folder = ''

  async start(): Promise<this> {
    this.folder = await mkdtemp(join(tmpdir(), 'truycap-assets-'))
    await writeFile(join(this.folder, 't.js'), 'tracker()')
    await writeFile(join(this.folder, 'w.js'), 'widget()')
    await writeFile(join(this.folder, 'version.txt'), '1.2.3')
    await this.directory.start()
    const adapter = new FastifyAdapter({ ...fastifyOptions })
    this.app = await NestFactory.create<NestFastifyApplication>(this.rootModule(), adapter, {
      bodyParser: false,
      logger: false,
    })
    configureFastify(adapter.getInstance())
    adapter.getInstance().addHook('onRoute', ({ method, url }) => this.note([method].flat(), url))
    await this.app.init()
    return this
  }

  async stop(): Promise<void> {
    this.registry.fault.mood = 'fine'
    await this.directory.stop()
    await this.app.close()
    await rm(this.folder, { recursive: true })
  }

  /** A request without a socket; objects go as JSON. */
  async ask(
    method: string,
    url: string,
    options: { key?: string; body?: unknown; headers?: object } = {},
  ): Promise<Answer> {
    const { key, body } = options
    const isJson = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
    const headers = {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...options.headers,
    }
    const payload = isJson ? JSON.stringify(body) : (body as string | Buffer | undefined)
    const answer = await this.app
      .getHttpAdapter()
      .getInstance()
      .inject({
        method: method as 'GET',
        url,
        headers,
        ...(payload === undefined ? {} : { payload }),
      })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: jsonOrNull(answer.body) }
  }

  async makeSite(id: string): Promise<void> {
    const { status } = await this.ask('POST', '/v1/sites', { key: ADMIN, body: { id } })
    if (status !== 201) throw new Error(`site ${id}: ${status}`)
  }

  async makeKey(siteId: string, role: string): Promise<string> {
    const { json } = await this.ask('POST', `/v1/sites/${siteId}/keys`, { key: ADMIN, body: { role } })
    return (json as { key: string }).key
  }

  snapshots(): Snapshots {
    return this.app.get(Snapshots, { strict: false })
  }

  lastKnown(): LastKnown {
    return this.app.get(LastKnown, { strict: false })
  }

  eraser(): SiteEraser {
    return this.app.get(SiteEraser, { strict: false })
  }

  /** What the api does every two seconds. */
  forget(): void {
    this.app.get(SiteForgetter, { strict: false }).forget()
  }

  private note(methods: readonly string[], url: string): void {
    for (const method of methods) if (method !== 'HEAD') this.routes.push(`${method} ${url}`)
  }

  private rootModule(): object {
    const provide = [
      { provide: CLOCK, useValue: this.clock },
      { provide: METRICS, useValue: this.metrics },
      { provide: COUNTER_READER, useValue: this.counters },
      { provide: EVENT_LOG, useValue: this.log },
      { provide: OFFSET_LEDGER, useValue: this.ledger },
      { provide: EVENT_STORE, useValue: new FaultyStore() },
      { provide: SNAPSHOT_STORE, useValue: this.disk },
      { provide: SITE_REGISTRY, useValue: this.registry },
      { provide: SITE_DIRECTORY, useValue: this.directory },
      { provide: ADMIN_KEY, useValue: ADMIN },
      { provide: WEB_ASSETS, useValue: { built: this.folder, kept: join(this.folder, 'kept') } },
    ]
    @Global()
    @Module({ providers: provide, exports: provide.map(({ provide: token }) => token) })
    class Adapters {}
    @Module({ imports: [Adapters, ApiModule] })
    class Root {}
    return Root
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
