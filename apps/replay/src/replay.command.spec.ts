import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replayCommand } from './replay.command.js'

interface Asked {
  request: string
  key: string | undefined
  events: { id: string; at: string; url: string }[]
}
type Reply = { status: number; headers?: Record<string, string>; body?: unknown } | 'cut'

let folder: string
let server: Server
let url: string
let asked: Asked[]
/** What the door says to its n-th batch; everything is accepted unless a test says otherwise. */
let reply: (asked: Asked, n: number) => Reply

const accept = ({ events }: Asked): Reply => ({
  status: 200,
  body: { accepted: events.length, dropped: {}, rejected: [] },
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truycap-replay-'))
  asked = []
  reply = accept
  server = createServer((req, res) => {
    let text = ''
    req.on('data', (chunk: Buffer) => (text += chunk.toString()))
    req.on('end', () => {
      const isBatch = req.url === '/v1/events'
      const events = isBatch
        ? text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Asked['events'][number])
        : []
      const one = { request: `${req.method} ${req.url}`, key: req.headers.authorization, events }
      asked.push(one)
      const batches = asked.filter(({ request }) => request === 'POST /v1/events').length
      const made: Reply = { status: 201, body: { id: 'k1', role: 'ingest', key: 'made' } }
      const answer = isBatch ? reply(one, batches - 1) : made
      if (answer === 'cut') return req.socket.destroy()
      return res.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body ?? {}))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  server.close().closeAllConnections()
  rmSync(folder, { recursive: true })
})

const line = (second: number, target = '/') =>
  `192.0.2.1 - - [17/May/2015:10:05:${String(second).padStart(2, '0')} +0000] "GET ${target} HTTP/1.1" 200 1 "-" "Firefox"`

async function replay(lines: readonly string[], options: readonly string[] = [], env: Record<string, string> = {}) {
  const file = join(folder, 'access.log')
  writeFileSync(file, lines.join('\n'))
  let [out, err] = ['', '']
  const stdout = { write: (text: string | Uint8Array) => (out += String(text)) !== '' }
  const stderr = Object.assign(Object.create(process.stderr) as NodeJS.WriteStream, {
    isTTY: false,
    write: (text: string | Uint8Array) => (err += String(text)) !== '',
  })
  const args = [file, '--site', 'demo', '--url', url, ...options]
  const code = await replayCommand(args, { REPLAY_KEY: 'given', ...env }, { stdout, stderr })
  return { code, out, err }
}

const sent = () => asked.flatMap(({ events }) => events)

describe('the replay command', () => {
  it('sends page views with their own times, and tells what became of each line', async () => {
    const { code, out } = await replay([line(3, '/a'), 'junk', line(1, '/b.css'), '', line(9, '/c')])
    expect(code).toBe(0)
    expect(sent().map(({ at, url }) => [at, url])).toEqual([
      ['2015-05-17T10:05:03.000Z', 'http://localhost/a'],
      ['2015-05-17T10:05:09.000Z', 'http://localhost/c'],
    ])
    expect(out).toMatch(/lines +5\nskipped +3\n +broken +1\n +asset +1\n +empty +1\npage views +2\naccepted +2\n/)
    expect(asked.map(({ key }) => key)).toEqual(['Bearer given'])
  })

  it('moves the latest line to the end that was asked, and leaves out what is older than the last part', async () => {
    const lines = [line(9, '/late'), line(3, '/old'), line(4, '/edge')]
    await replay(lines, ['--end', '2026-11-23T18:20:15+07:00', '--last', '5s', '--host', 'https://example.vn'])
    expect(sent().map(({ at, url }) => [at, url])).toEqual([
      ['2026-11-23T11:20:15.000Z', 'https://example.vn/late'],
      ['2026-11-23T11:20:10.000Z', 'https://example.vn/edge'],
    ])
  })

  it('moves to now without going past it', async () => {
    await replay([line(9)], ['--end', 'now'])
    const atMs = Date.parse(sent()[0]?.at ?? '')
    expect(Date.now() - atMs).toBeGreaterThanOrEqual(0)
    expect(Date.now() - atMs).toBeLessThan(10_000)
  })

  it('gives each line the same id in every replay, moved or not, and equal lines two', async () => {
    await replay([line(3), line(3)])
    await replay([line(3), line(3)], ['--end', 'now'])
    const ids = sent().map(({ id }) => id)
    expect(ids.slice(0, 2)).toEqual(ids.slice(2))
    expect(new Set(ids).size).toBe(2)
  })

  it('sends at most 1,000 events a request, in the order of the log', async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => line(n % 60, `/${n}`))
    const { out } = await replay(lines)
    expect(asked.map(({ events }) => events.length)).toEqual([1000, 1000, 500])
    expect(sent().map(({ url }) => url)).toEqual(lines.map((_, n) => `http://localhost/${n}`))
    expect(out).toMatch(/accepted +2500/)
  })

  it('tries a batch again, the same, when the answer is 503, 429 or none', async () => {
    const wait = { 'Retry-After': '0' }
    const replies: Reply[] = [{ status: 503, headers: wait }, 'cut', { status: 429, headers: wait }]
    reply = (one, n) => replies[n] ?? accept(one)
    const { code, out } = await replay([line(3), line(4)])
    expect(code).toBe(0)
    expect(asked).toHaveLength(4)
    expect(new Set(asked.map(({ events }) => JSON.stringify(events))).size).toBe(1)
    expect(out).toMatch(/accepted +2\n/)
  })

  it('gives up after eight tries, counts what it did not send, and fails', async () => {
    reply = (one, n) => (n === 0 ? accept(one) : { status: 503, headers: { 'Retry-After': '0' } })
    const { code, out, err } = await replay(Array.from({ length: 2500 }, (_, n) => line(n % 60, `/${n}`)))
    expect(code).toBe(1)
    expect(asked).toHaveLength(9)
    expect(out).toMatch(/accepted +1000\n/)
    expect(out).toMatch(/not sent +1500$/m)
    expect(err).toMatch(/could not send all: 503/)
  })

  it('does not try again what was refused for good', async () => {
    reply = () => ({ status: 401, body: { code: 'unauthorized' } })
    const { code, err } = await replay([line(3)])
    expect([code, asked.length]).toEqual([1, 1])
    expect(err).toMatch(/401 .*unauthorized/)
  })

  it('counts drops and rejections by their names, and explains too_old', async () => {
    const rejected = [{ line: 1, code: 'too_old' }]
    reply = () => ({ status: 200, body: { accepted: 1, dropped: { bot: 1 }, rejected } })
    const { code, out, err } = await replay([line(3), line(4), line(5)])
    expect(code).toBe(0)
    expect(out).toMatch(/accepted +1\ndropped +1\n +bot +1\nrejected +1\n +too_old +1\n/)
    expect(err).toMatch(/--last 47h/)
  })

  it('makes an ingest key with the admin key when none is given, and takes it back', async () => {
    writeFileSync(join(folder, 'admin.key'), 'root-key\n')
    await replay([line(3)], [], { REPLAY_KEY: '', TRUYCAP_DATA_DIR: folder })
    expect(asked.map(({ request, key }) => `${request} ${key}`)).toEqual([
      'POST /v1/sites/demo/keys Bearer root-key',
      'POST /v1/events Bearer made',
      'DELETE /v1/sites/demo/keys/k1 Bearer root-key',
    ])
  })

  it('says what is missing: a key, a log, an answer, a right option', async () => {
    const noKey = await replay([line(3)], [], { REPLAY_KEY: '', TRUYCAP_DATA_DIR: join(folder, 'none') })
    expect([noKey.code, noKey.err]).toEqual([2, expect.stringMatching(/no key: .*admin\.key/)])
    const noLog = await replay(['junk'])
    expect([noLog.code, noLog.err]).toEqual([1, expect.stringMatching(/no line .* combined log format/)])
    const wrong = await replay([line(3)], ['--nope'])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/--nope/)])
    expect(asked).toEqual([])
  })

  it('prints its help', async () => {
    const { code, out } = await replay([], ['--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/npm run replay -- FILE --site ID/)
  })
})
