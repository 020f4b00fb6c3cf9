import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

/** Each dependency's state in a word: `up`, `down`, `starting`, `halted`. */
export interface Health {
  readonly ready: boolean
  readonly dependencies: Readonly<Record<string, string>>
}

/** `/health/live`, `/health/ready` and `/metrics` of a process (contract section 6); not for the public. */
export function createOpsServer(health: () => Health, registry: Registry): Server {
  return createServer((req, res) => {
    const path = req.url?.split('?', 1)[0]
    if (req.method !== 'GET' && req.method !== 'HEAD') return answer(res, 405, 'text/plain', 'method not allowed\n')
    if (path === '/health/live') return answerHealth(res, 200, 'live', health())
    if (path === '/health/ready') {
      const now = health()
      return answerHealth(res, now.ready ? 200 : 503, now.ready ? 'ready' : 'not ready', now)
    }
    if (path === '/metrics') return void answerMetrics(res, health, registry)
    return answer(res, 404, 'text/plain', 'not found\n')
  })
}

function answerHealth(res: ServerResponse, status: number, word: string, { dependencies }: Health): void {
  answer(res, status, 'application/json', JSON.stringify({ status: word, dependencies }))
}

async function answerMetrics(res: ServerResponse, health: () => Health, registry: Registry): Promise<void> {
  try {
    health() // sets the gauges that are read, not counted
    answer(res, 200, registry.contentType, await registry.metrics())
  } catch (error) {
    answer(res, 500, 'text/plain', `${String(error)}\n`)
  }
}

function answer(res: ServerResponse, status: number, type: string, body: string): void {
  res.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  res.end(body)
}
