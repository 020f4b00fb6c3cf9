import type { IncomingMessage } from 'node:http'

/** What a refused sender may still send before it is cut off: enough for it to reach the answer. */
const DISCARD_BYTES = 8 * 1024 * 1024
const DISCARD_MS = 10_000

/** Whether the request itself says that its body is longer, so that none of it need be read. */
export function announcesMoreThan(req: IncomingMessage, limitBytes: number): boolean {
  return Number(req.headers['content-length']) > limitBytes
}

/** `cut_off` = the sender went away, or did not finish in time and was sent away: there is nobody to answer. */
export type Body = Buffer | 'too_large' | 'cut_off'

const NOTHING = Buffer.alloc(0)

/** The body of a request that is `complete` and of which nothing was read: without a listener, which costs less. */
export function completeBody(req: IncomingMessage): Buffer {
  return (req.read() as Buffer | null) ?? NOTHING
}

/**
 * Gives the whole body, once. `too_large` as soon as it is longer than the limit: what follows is not kept and must be
 * discarded. One that takes longer than `timeoutMs` is cut off, up to a second late.
 */
export function collectBody(
  req: IncomingMessage,
  limitBytes: number,
  timeoutMs: number,
  take: (body: Body) => void,
): void {
  if (req.destroyed) return take('cut_off') // nothing more is told of it
  let isTaken = false
  const give = (body: Body): void => {
    if (isTaken) return
    isTaken = true
    awaited.delete(req)
    take(body)
  }
  const chunks: Buffer[] = []
  let size = 0
  mustEndWithin(req, timeoutMs)
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limitBytes) chunks.push(chunk)
    else {
      chunks.length = 0
      give('too_large')
    }
  })
  req.on('end', () => give(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
  req.on('close', () => give('cut_off'))
}

/** The same as a promise. */
export function readBody(req: IncomingMessage, limitBytes: number, timeoutMs: number): Promise<Body> {
  return new Promise((resolve) => collectBody(req, limitBytes, timeoutMs, resolve))
}

/** Requests whose bodies are waited for, and until when they may take, as `performance.now()`. */
const awaited = new Map<IncomingMessage, number>()
const SWEEP_MS = 1000
let sweeping: NodeJS.Timeout | undefined

function mustEndWithin(req: IncomingMessage, timeoutMs: number): void {
  awaited.set(req, performance.now() + timeoutMs)
  sweeping ??= setInterval(sweep, SWEEP_MS).unref()
}

function sweep(): void {
  const now = performance.now()
  for (const [req, until] of awaited) {
    if (req.destroyed) awaited.delete(req)
    else if (until < now) req.destroy()
  }
  if (awaited.size > 0) return
  clearInterval(sweeping)
  sweeping = undefined
}

export type BodyEnd = 'ended' | 'stopped' | 'cut_off'

/**
 * Hands over a body of any length piece by piece; the next is read when the last was taken. `stopped` = `take` said
 * false or the signal was aborted, and the rest must be discarded; `cut_off` as above, also after `idleMs` without a byte.
 */
export function eachChunk(
  req: IncomingMessage,
  take: (chunk: Buffer) => Promise<boolean>,
  stop: AbortSignal,
  idleMs: number,
): Promise<BodyEnd> {
  if (req.destroyed) return Promise.resolve('cut_off') // nothing more is told of it
  return new Promise((resolve, reject) => {
    let taking: Promise<unknown> = Promise.resolve()
    const finish = (end: BodyEnd): void => {
      req.setTimeout(0) // it is of the socket, and would be set anew by every request to come
      stop.removeEventListener('abort', onStop)
      req.off('data', onData)
      taking.then(() => resolve(end), reject)
    }
    const onStop = (): void => finish('stopped')
    const onData = (chunk: Buffer): void => {
      req.pause()
      taking = take(chunk).then((goOn) => (goOn ? req.resume() : finish('stopped')))
      taking.catch(reject)
    }
    stop.addEventListener('abort', onStop)
    req.setTimeout(idleMs, () => req.destroy())
    req.on('data', onData)
    req.once('end', () => finish('ended'))
    req.once('close', () => finish('cut_off'))
    if (stop.aborted) onStop()
  })
}

/**
 * Lets the rest of a refused body run by, so that the sender gets to read its answer and the connection stays usable;
 * one that sends on and on is cut off.
 */
export function discardBody(req: IncomingMessage): void {
  if (req.destroyed) return
  req.resume()
  if (req.complete) return
  let left = DISCARD_BYTES
  const timer = setTimeout(() => req.destroy(), DISCARD_MS)
  req.once('close', () => clearTimeout(timer))
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) req.destroy()
  })
}
