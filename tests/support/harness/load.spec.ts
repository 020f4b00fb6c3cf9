import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { recount, recountSite } from '../recount/index.js'
import type { Outcome } from './index.js'
import { beacon, browser, factsOf, resend, startLoad, uuid7 } from './index.js'

const servers: Server[] = []

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A door that keeps ids, and treats its n-th request as `judge` says. */
function door(judge: (n: number) => 'keep' | 'keep silently' | 'cut' | number) {
  const kept: string[] = []
  let n = 0
  const handler: RequestListener = (req, res) => {
    let text = ''
    req.on('data', (chunk: Buffer) => (text += chunk.toString()))
    req.on('end', () => {
      const verdict = judge(n++)
      if (verdict === 'keep' || verdict === 'keep silently') kept.push((JSON.parse(text) as { i: string }).i)
      if (verdict === 'keep') res.writeHead(204).end()
      else if (typeof verdict === 'number') res.writeHead(verdict).end()
      else req.socket.destroy()
    })
  }
  return { kept, handler }
}

const shipmentOf = (n: number) => ({ beacons: [beacon()], userAgent: browser(n) })
const idsOf = (outcomes: readonly Outcome[]) => outcomes.map(({ shipment }) => shipment.beacons[0]?.i ?? '')

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

describe('the load', () => {
  it('sends every shipment once and stops at its limit', async () => {
    const { kept, handler } = door(() => 'keep')
    const outcomes = await startLoad({ url: await serve(handler), connections: 8, shipmentOf, limit: 200 }).done
    expect(kept.sort()).toEqual(idsOf(outcomes).sort())
    expect(new Set(kept).size).toBe(200)
    expect(outcomes.every(({ result }) => result === 'acked')).toBe(true)
  })

  it('ends a connection whose shipment was not answered, and resends it with the same id', async () => {
    const { kept, handler } = door((n) => (n === 10 ? 'cut' : n === 20 ? 'keep silently' : 'keep'))
    const url = await serve(handler)
    const load = startLoad({ url, connections: 2, shipmentOf })
    const outcomes = await load.done
    expect([load.count('unanswered'), kept.length - load.count('acked')]).toEqual([2, 1])
    expect(() => factsOf(outcomes, 'sent')).toThrow('resend')
    const settled = await resend(url, outcomes)
    expect(settled.every(({ result }) => result === 'acked')).toBe(true)
    expect(idsOf(settled)).toEqual(idsOf(outcomes))
    expect(new Set(kept)).toEqual(new Set(idsOf(outcomes)))
  })

  it('resends what was refused for now, and leaves a final refusal out of the facts', async () => {
    const { handler } = door((n) => (n === 3 ? 503 : n === 5 ? 400 : 'keep'))
    const url = await serve(handler)
    const settled = await resend(url, await startLoad({ url, connections: 1, shipmentOf, limit: 8 }).done)
    expect(settled.map(({ result }) => result).sort()).toEqual([...Array(7).fill('acked'), 'refused'])
    const facts = factsOf(settled, 'answered')
    const { pageviews, visitors } = recount(recountSite(), facts).numbersAt(Date.now() / 1000)
    expect([pageviews.total, visitors.total]).toEqual([7, 7])
  })
})

describe('uuid7', () => {
  it('is version 7, variant 10, and begins with its milliseconds', () => {
    expect(uuid7(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(Array.from({ length: 1000 }, () => uuid7(5))).size).toBe(1000)
  })
})
