import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** How an exchange ended: all answers came, the peer closed, or nothing happened in time. */
export type ExchangeEnd = 'answered' | 'closed' | 'silent'

export interface Exchange {
  readonly answers: readonly RawAnswer[]
  readonly end: ExchangeEnd
  /** What came behind the last whole answer; should be empty. */
  readonly rest: Buffer
}

export interface Expected {
  /** Answers to wait for. */
  readonly answers?: number
  /** The answers have no body, as they are to HEAD. */
  readonly head?: boolean
  readonly timeoutMs?: number
  /** Close our half when all is sent: the sender gives up in the middle. */
  readonly endAfter?: boolean
}

const BODILESS = new Set([204, 304])
const HEADERS_END = Buffer.from('\r\n\r\n')

/** Node writes the few answers of its own (no host, say) in chunks. Null while the last one is not there. */
function parseChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | null {
  const parts: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    const next = lineEnd + 2 + size + 2
    if (lineEnd < 0 || bytes.length < next) return null
    if (size === 0) return { body: Buffer.concat(parts), end: next }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = next
  }
}

/** One answer at the beginning of `bytes`, and its length; null while it is not whole. 1xx are answers of their own. */
function parseAnswer(bytes: Buffer, head: boolean, ended: boolean): { answer: RawAnswer; length: number } | null {
  const end = bytes.indexOf(HEADERS_END)
  if (end < 0) return null
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1])
  if (!(status >= 100)) throw new Error(`not an HTTP answer: ${statusLine.slice(0, 80)}`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const from = end + HEADERS_END.length
  const announced = headers.find(([name]) => name === 'content-length')?.[1]
  const isBodiless = head || status < 200 || BODILESS.has(status)
  if (!isBodiless && headers.some(([name]) => name === 'transfer-encoding')) {
    const chunked = parseChunks(bytes, from)
    return chunked && { answer: { status, headers, body: chunked.body }, length: chunked.end }
  }
  if (!isBodiless && announced === undefined && !ended) return null
  const size = isBodiless ? 0 : announced === undefined ? bytes.length - from : Number(announced)
  if (bytes.length < from + size) return null
  return { answer: { status, headers, body: bytes.subarray(from, from + size) }, length: from + size }
}

/** One TCP connection on which any bytes can be sent; nothing is added or corrected. */
export class RawConnection {
  private received = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => undefined

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.wake()
    })
    socket.on('error', () => undefined)
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        this.ended = true
        this.wake()
      })
    }
  }

  static open(port: number, localAddress = '127.0.0.1'): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  get isOpen(): boolean {
    return !this.ended && this.socket.writable
  }

  async send(bytes: Uint8Array, expected: Expected = {}): Promise<Exchange> {
    const { answers: wanted = 1, head = false, timeoutMs = 5000, endAfter = false } = expected
    const answers: RawAnswer[] = []
    this.socket.write(bytes)
    if (endAfter) this.socket.end()
    const deadline = performance.now() + timeoutMs
    for (;;) {
      for (let parsed = parseAnswer(this.received, head, this.ended); parsed !== null;) {
        this.received = this.received.subarray(parsed.length)
        if (parsed.answer.status >= 200) answers.push(parsed.answer)
        parsed = parseAnswer(this.received, head, this.ended)
      }
      if (this.ended) return this.exchange(answers, 'closed')
      if (answers.length >= wanted) return this.exchange(answers, 'answered')
      if (performance.now() >= deadline) return this.exchange(answers, 'silent')
      await this.change(deadline - performance.now())
    }
  }

  /** With RST: what was begun is left in the middle, and no port stays in TIME_WAIT. */
  cut(): void {
    this.socket.resetAndDestroy()
  }

  private exchange(answers: readonly RawAnswer[], end: ExchangeEnd): Exchange {
    return { answers, end, rest: this.received }
  }

  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** One exchange on a connection of its own. */
export async function exchange(port: number, bytes: Uint8Array, expected: Expected = {}): Promise<Exchange> {
  const connection = await RawConnection.open(port)
  try {
    return await connection.send(bytes, expected)
  } finally {
    connection.cut()
  }
}
