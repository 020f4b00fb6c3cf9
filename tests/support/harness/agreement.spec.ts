import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Fact } from '../recount/index.js'
import { recountSite } from '../recount/index.js'
import { agreesWithRecount, metricsOf, onlineShown, request, valuesOf, verdictOf } from './index.js'

const servers: Server[] = []

async function serve(answers: Record<string, unknown>): Promise<string> {
  const server = createServer((req, res) => {
    const path = req.url?.split('?')[0] ?? ''
    const answer = answers[path]
    res.writeHead(path.startsWith('/refused') ? 400 : 200, { 'Content-Type': 'application/problem+json' })
    res.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

const site = recountSite({ unit: 'pageviews' })
const t = Math.floor(Date.now() / 1000)
const reader = { address: '203.0.113.1', userAgent: 'Mozilla/5.0' }
const facts: Fact[] = ['a', 'b'].map((id) => ({
  ...reader,
  door: 'server',
  site: site.id,
  type: 'view',
  id,
  t,
  url: `https://x/${id}`,
}))
const periods = { today: 2, yesterday: 0, week: 2, month: 2, year: 2, total: 2 }
const door = (numbers: object, views: object) => ({
  '/w/demo.json': { unit: 'pageviews', online: 1, ...periods, ...numbers },
  '/w/demo/views': { views },
})
const AT_ONCE = { timeoutMs: 0, everyMs: 1 }

describe('the agreement with a recount', () => {
  it('is reached when numbers and views are the same', async () => {
    const url = await serve(door({}, { '/a': 1, '/b': 1 }))
    expect((await agreesWithRecount(url, site, facts, AT_ONCE)).counted).toHaveLength(2)
    const { shown, allowed } = await onlineShown(url, site, facts)
    expect([shown, allowed.includes(1)]).toEqual([1, true])
  })

  it.each<[string, object, object, string]>([
    ['a number', { week: 3 }, { '/a': 1, '/b': 1 }, 'recounted'],
    ['the views of one path', {}, { '/a': 1, '/b': 2 }, '/b: shown 2, recounted 1'],
    ['the views of a path that is left out', {}, { '/a': 1 }, '/b: shown undefined'],
    ['the unit', { unit: 'visits' }, { '/a': 1, '/b': 1 }, 'not fresh pageviews'],
    ['its age', { stale: true }, { '/a': 1, '/b': 1 }, 'not fresh pageviews'],
  ])('is not when %s differs', async (_what, numbers, views, message) => {
    const url = await serve(door(numbers, views))
    await expect(agreesWithRecount(url, site, facts, AT_ONCE)).rejects.toThrow(message)
  })
})

describe('the reading of answers', () => {
  it('gives samples with their labels and values, and leaves out what was never counted', async () => {
    const text = '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1",y="q\\"r"} 2\na_total{x="0"} 0\nb 1e-3\n'
    const url = await serve({ '/metrics': text })
    const { types, samples } = await metricsOf(url)
    expect([...types]).toEqual([['a_total', 'counter']])
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ['a_total', 2],
      ['a_total', 0],
      ['b', 0.001],
    ])
    expect(await valuesOf(url, 'a_total')).toEqual({ '1 q\\"r': 2 })
  })

  it('puts a problem into a line, and takes nothing for one that is not', async () => {
    const url = await serve({
      '/refused': { status: 400, code: 'bad_field', field: 'u', detail: 'd' },
      '/refused/otherwise': { status: 404, code: 'bad_field', detail: 'd' },
      '/fine': {},
    })
    const verdict = async (path: string) => verdictOf(await request({ url: url + path }))
    expect([await verdict('/refused'), await verdict('/fine')]).toEqual(['400 bad_field u', '200'])
    await expect(verdict('/refused/otherwise')).rejects.toThrow('the head says 400')
  })
})
