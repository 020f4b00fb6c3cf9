import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Answer, Beacon } from '../../support/harness/index.js'
import { pause, request as ask, until } from '../../support/harness/index.js'
import type { Listening } from './listening.js'
import { listening } from './listening.js'

/** One request as it came, a preflight too, which the browser's own tools do not show. */
export interface Recorded {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
  arrivedAtMs: number
  answeredAtMs?: number
  status?: number
  setsCookie?: boolean
}

/** A 503 in place of the answer: before the product saw the beacon, or after it kept it. */
export type Fault = 'unseen' | 'kept'

export interface SeenBeacon extends Beacon {
  status: number | undefined
}

/** Stands in front of the product, hands everything on as it came and remembers it. */
export interface RecordingProxy extends Listening {
  readonly requests: readonly Recorded[]
  /** What was sent to `POST /c` for a site, in order of arrival. */
  beaconsOf(siteId: string): SeenBeacon[]
  /** Waits until so many beacons of a site were answered, and gives all that arrived. */
  answered(siteId: string, count: number, timeoutMs?: number): Promise<SeenBeacon[]>
  /** The next beacons are answered so, one each. */
  failNext(...faults: Fault[]): void
  /** From now on every answer comes so much later. */
  slowDown(delayMs: number): void
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function respond(response: ServerResponse, { status, rawHeaders, body }: Answer): void {
  response.writeHead(status, rawHeaders)
  response.end(body)
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Truycap-Dropped, Retry-After',
    'Retry-After': '1',
  })
  response.end()
}

export async function startRecordingProxy(product: string): Promise<RecordingProxy> {
  const requests: Recorded[] = []
  const faults: Fault[] = []
  let delayMs = 0
  const handOn = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = incoming
    const recorded: Recorded = { method, path, headers, body: '', arrivedAtMs: Date.now() }
    requests.push(recorded)
    recorded.body = await bodyOf(incoming)
    await pause(delayMs)
    const fault = method === 'POST' && path === '/c' ? faults.shift() : undefined
    if (fault !== 'unseen') {
      const body = recorded.body === '' ? {} : { body: recorded.body }
      const answer = await ask({ url: product + path, method, headers, ...body })
      recorded.setsCookie = answer.headers['set-cookie'] !== undefined
      if (fault === undefined) respond(response, answer)
    }
    if (fault !== undefined) refuse(response)
    recorded.status = response.statusCode
    recorded.answeredAtMs = Date.now()
  }
  const server = createServer((incoming, response) => {
    handOn(incoming, response).catch(() => response.destroy())
  })
  const proxy = await listening(server)
  const beaconsOf = (siteId: string) =>
    requests
      .filter(({ method, path, body }) => method === 'POST' && path === '/c' && body !== '')
      .map(({ body, status }) => ({ ...(JSON.parse(body) as Beacon), status }))
      .filter(({ s }) => s === siteId)
  return {
    ...proxy,
    requests,
    beaconsOf,
    answered: async (siteId, count, timeoutMs = 10_000) => {
      const isDone = () => beaconsOf(siteId).filter(({ status }) => status !== undefined).length >= count
      await until(isDone, { timeoutMs, everyMs: 10, what: `${count} answered beacons of ${siteId}` })
      return beaconsOf(siteId)
    },
    failNext: (...next) => void faults.push(...next),
    slowDown: (ms) => void (delayMs = ms),
  }
}
