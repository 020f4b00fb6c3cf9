// The load generator, a process of its own so that it can have a core of its own. Takes `{kind, port, connections, ms, key}` from
// its parent and answers `{requests, units, seconds, p50Ms, p99Ms}`. Keep-alive connections, one request in flight on each.
// autocannon would cost more per request than the server that it measures, and cannot give each request an id of its own.
import { connect } from 'node:net'
import { LOADS } from './requests.mjs'

const prepared = new Map()
let lastId = process.pid * 2 ** 24
const DIGITS = '0123456789abcdef'

function writeId(bytes, at) {
  let rest = ++lastId
  for (let i = at + 11; i >= at; i--) {
    bytes[i] = DIGITS.charCodeAt(rest % 16)
    rest = Math.floor(rest / 16)
  }
}

/** Bytes of the answer when `bytes` hold all of it, else 0. Throws on anything but success. */
function answerLength(bytes) {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const text = bytes.subarray(0, head).toString('latin1')
  if (!text.startsWith('HTTP/1.1 2')) throw new Error(bytes.toString().slice(0, 300))
  const length = head + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
  return bytes.length >= length ? length : 0
}

class Connection {
  constructor(port, requests, first, latencies) {
    this.requests = requests
    this.next = first
    this.latencies = latencies
    this.answered = 0
    this.received = null
    this.buffer = Buffer.alloc(Math.max(...requests.map(({ bytes }) => bytes.length)))
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.ended = new Promise((resolve, reject) => {
      this.socket.on('close', resolve)
      this.socket.on('error', reject)
      this.socket.on('data', (chunk) => {
        try {
          this.take(chunk)
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  send() {
    const { bytes, idAts } = this.requests[this.next++ % this.requests.length]
    bytes.copy(this.buffer)
    for (const at of idAts) writeId(this.buffer, at)
    this.sentAt = performance.now()
    this.socket.write(this.buffer.subarray(0, bytes.length))
  }

  take(chunk) {
    // Answers of one kind are alike and small: the same length and the same beginning is the same answer.
    if (this.received !== null || chunk.length !== this.usual || chunk[9] !== 0x32) {
      this.received = this.received === null ? chunk : Buffer.concat([this.received, chunk])
      const length = answerLength(this.received)
      if (length === 0) return
      this.usual = length
      this.received = null
    }
    this.answered++
    this.latencies.push(performance.now() - this.sentAt)
    if (this.stopping) this.socket.end()
    else this.send()
  }
}

async function run({ kind, port, connections, ms, key }) {
  if (!prepared.has(kind)) prepared.set(kind, LOADS[kind].prepare(key))
  const requests = prepared.get(kind)
  const latencies = []
  const open = Array.from({ length: connections }, (_, n) => new Connection(port, requests, n * 97, latencies))
  const startedAt = performance.now()
  for (const one of open) one.send()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const answered = open.reduce((sum, one) => sum + one.answered, 0)
  const seconds = (performance.now() - startedAt) / 1000
  for (const one of open) one.stopping = true
  await Promise.all(open.map((one) => one.ended))
  const all = open.reduce((sum, one) => sum + one.answered, 0)
  latencies.sort((a, b) => a - b)
  const quantile = (q) => latencies[Math.floor(latencies.length * q)] ?? 0
  const { units } = LOADS[kind]
  return {
    requests: all,
    units: all * units,
    perSecond: (answered * units) / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  }
}

process.on('message', async (order) => {
  try {
    process.send({ result: await run(order) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
