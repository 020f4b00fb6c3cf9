import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Logger } from '@nestjs/common'
import type { Site } from '#domain'
import { hashOfKey, SiteDirectory } from '#directory'
import { RateLimiter, type RawDoor } from '#http'
import { Metrics } from '#metrics'
import { BeaconDoor } from '../beacon/beacon.door.js'
import { BeaconIntake } from '../beacon/beacon.intake.js'
import { BeaconRequestReader } from '../beacon/beacon-request.js'
import type { CollectorOptions } from '../collector-options.js'
import { EventJudge } from '../event/event.judge.js'
import { EventMaker } from '../event/event-maker.js'
import { LogWriter } from '../event/log-writer.js'
import { Outcomes } from '../event/outcomes.js'
import { EventsAccessReader } from '../events/events.access.js'
import { EventsDoor } from '../events/events.door.js'
import { EventsIntake } from '../events/events.intake.js'
import { ArrayLog, ArrayRegistry, DaySalts, OneOfEach, SetClock, site } from './fakes.js'

Logger.overrideLogger(false)

export const ADMIN_KEY = 'the-admin-key-of-the-specs'

/** The feature as `CollectorModule` wires it, on ports in memory, with the site `demo` unless others are given. */
export class Collector {
  readonly log = new ArrayLog()
  readonly registry = new ArrayRegistry()
  readonly salts = new DaySalts()
  readonly clock = new SetClock()
  readonly metrics = new Metrics()
  readonly intake: BeaconIntake
  readonly events: EventsDoor
  readonly doors: RawDoor[]
  private readonly directory: SiteDirectory

  constructor(options: Partial<CollectorOptions> = {}) {
    const all = { trustProxy: [], ratePerSecond: 0, rateBurst: 0, adminKeyHash: hashOfKey(ADMIN_KEY), ...options }
    const cache = { read: async () => null, write: async () => undefined }
    this.directory = new SiteDirectory(this.registry, cache)
    const facts = new OneOfEach()
    const judge = new EventJudge(facts)
    const maker = new EventMaker(this.salts, facts)
    const writer = new LogWriter(this.log, this.metrics)
    const outcomes = new Outcomes(this.metrics)
    const limiter = new RateLimiter({ ratePerSecond: all.ratePerSecond, burst: all.rateBurst })
    this.intake = new BeaconIntake(this.directory, judge, maker, writer, limiter, outcomes)
    const requests = new BeaconRequestReader(all, this.metrics)
    const access = new EventsAccessReader(this.directory, all)
    const intake = new EventsIntake(this.directory, judge, maker, writer, outcomes)
    this.events = new EventsDoor(intake, access, this.clock, outcomes)
    this.doors = [new BeaconDoor(this.intake, requests, this.clock, outcomes), this.events]
  }

  /** Reads the registry once; what is added later is found only by who waits for the next refresh. */
  async open(sites: readonly Site[] = [site('demo')]): Promise<this> {
    this.registry.sites.push(...sites)
    await this.directory.refresh()
    return this
  }

  /** `beacons_total` by outcome. */
  async outcomes(): Promise<Record<string, number>> {
    const { values } = await this.metrics.beacons.get()
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels.outcome), value]))
  }
}

export interface Sent {
  method?: string
  path?: string
  headers?: OutgoingHttpHeaders
  body?: string | Uint8Array
}

export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface ProblemBody {
  status: number
  code: string
  field?: string
}

/** The problem in an answer; throws when it carries none, or one of another status. */
export function problemOf({ status, headers, body }: Answered): ProblemBody {
  const problem = JSON.parse(body.toString()) as ProblemBody
  if (headers['content-type'] !== 'application/problem+json; charset=utf-8' || problem.status !== status) {
    throw new Error(`not a problem: ${status} ${body.toString()}`)
  }
  return problem
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A bare server with the doors in front of nothing: what is for none of them is answered 404 without CORS. */
export class DoorServer {
  /** Heads that have come so far. */
  requests = 0
  /** Open at the moment. */
  connections = 0

  private constructor(private readonly server: Server) {
    server.on('request', () => this.requests++)
    server.on('connection', (socket) => {
      this.connections++
      socket.once('close', () => this.connections--)
    })
  }

  static async listen(collector: Pick<Collector, 'doors'>): Promise<DoorServer> {
    const server = createServer((req, res) => {
      if (!collector.doors.some((door) => door.handle(req, res))) res.writeHead(404).end('nobody')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new DoorServer(server)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Says nothing but what it is told to: no User-Agent, no Content-Type of its own. */
  send({ method = 'POST', path = '/c', headers = {}, body = '' }: Sent): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port: this.port, method, path, headers, agent: false }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }))
      })
      req.on('error', reject)
      req.end(body)
    })
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
