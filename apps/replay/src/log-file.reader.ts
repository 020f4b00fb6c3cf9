import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parseCombinedLine } from './combined-log.js'

/** Longer lines are junk; no more than this of one is ever held. */
export const LINE_LIMIT_BYTES = 65_536

export interface NumberedLine {
  /** From 1. */
  number: number
  /** The bytes of the line as latin1, without its end. */
  text: string
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    if (!(await handle.stat()).isFile()) throw new Error(`${file} is not a regular file, and it must be read twice`)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  } finally {
    await handle.close()
  }
}

async function openLog(file: string): Promise<Readable> {
  const isCompressed = await isGzip(file)
  const source = createReadStream(file)
  if (!isCompressed) return source
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  return source.pipe(gunzip)
}

/** The lines of a plain or gzipped log, as a stream. A line over LINE_LIMIT_BYTES comes cut to one byte more. */
export async function* readLines(file: string): AsyncGenerator<NumberedLine> {
  let rest = ''
  let number = 0
  for await (const chunk of (await openLog(file)) as AsyncIterable<Buffer>) {
    const texts = (rest + chunk.toString('latin1')).split('\n')
    rest = (texts.pop() ?? '').slice(0, LINE_LIMIT_BYTES + 1)
    for (const text of texts) yield { number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text }
  }
  if (rest !== '') yield { number: number + 1, text: rest }
}

export interface LogExtent {
  lines: number
  /** Time of the latest line, wherever it stands: servers write lines when requests end. Undefined: no line is one. */
  latestSeconds: number | undefined
}

/** First pass over a log: how long it is and where it ends in time. */
export async function measureLog(file: string): Promise<LogExtent> {
  let lines = 0
  let latestSeconds: number | undefined
  for await (const { number, text } of readLines(file)) {
    lines = number
    const atSeconds = text.length > LINE_LIMIT_BYTES ? undefined : parseCombinedLine(text)?.atSeconds
    if (atSeconds !== undefined) latestSeconds = Math.max(latestSeconds ?? atSeconds, atSeconds)
  }
  return { lines, latestSeconds }
}
