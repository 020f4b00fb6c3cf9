import { describe, expect, it } from 'vitest'
import { AS_BROWSER, view } from '../testing/beacons.js'
import { Collector, DoorServer, problemOf, type Sent } from '../testing/collector.js'
import { CRAWLER, site } from '../testing/fakes.js'

describe('the order of judgement', () => {
  /** What is wrong, in the order of the contract, and the answer when nothing before it is. */
  const FAULTS = [
    'method_not_allowed',
    'unsupported_media_type',
    'too_large',
    'bad_field',
    'site_not_found',
    'host_not_allowed',
    'bot',
    'rate_limited',
    'log_unavailable',
  ] as const
  type Fault = (typeof FAULTS)[number]

  async function answerTo(faults: ReadonlySet<Fault>): Promise<string> {
    const strict = await new Collector({ ratePerSecond: 0.1, rateBurst: 1 }).open([
      site('demo', { hosts: ['example.vn'] }),
    ])
    const strictServer = await DoorServer.listen(strict)
    try {
      const kept = await strictServer.send({ headers: AS_BROWSER, body: JSON.stringify(view()) })
      expect(kept.status).toBe(204)
      if (!faults.has('rate_limited')) strict.clock.nowMs += 10_000
      strict.log.fails = faults.has('log_unavailable')
      const answer = await strictServer.send(requestWith(faults))
      return answer.status === 204 ? String(answer.headers['truycap-dropped']) : problemOf(answer).code
    } finally {
      await strictServer.close()
    }
  }

  function requestWith(faults: ReadonlySet<Fault>): Sent {
    const beacon = view({
      ...(faults.has('bad_field') && { w: 'wide' }),
      ...(faults.has('site_not_found') && { s: 'nowhere' }),
      ...(faults.has('host_not_allowed') && { u: 'https://example.com/' }),
      ...(faults.has('too_large') && { padding: 'x'.repeat(9000) }),
    })
    return {
      method: faults.has('method_not_allowed') ? 'PUT' : 'POST',
      headers: {
        'user-agent': faults.has('bot') ? CRAWLER : AS_BROWSER['user-agent'],
        ...(faults.has('unsupported_media_type') && { 'content-type': 'text/html' }),
      },
      body: JSON.stringify(beacon),
    }
  }

  it.each(FAULTS)('answers %s when that alone is wrong', async (fault) => {
    expect(await answerTo(new Set([fault]))).toBe(fault)
  })

  it.each(FAULTS.slice(0, -1).map((fault, i) => [fault, FAULTS[i + 1]!] as const))(
    'answers %s rather than %s',
    async (fault, next) => {
      expect(await answerTo(new Set([fault, next]))).toBe(fault)
    },
  )

  it.each(FAULTS.map((fault, i) => [fault, FAULTS.slice(i)] as const))(
    'answers %s when everything from there on is wrong',
    async (fault, rest) => {
      expect(await answerTo(new Set(rest))).toBe(fault)
    },
  )
})
