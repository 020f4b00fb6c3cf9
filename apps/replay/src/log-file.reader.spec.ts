import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { LINE_LIMIT_BYTES, measureLog, readLines } from './log-file.reader.js'

const folder = mkdtempSync(join(tmpdir(), 'truycap-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: string | Uint8Array): string {
  const file = join(folder, `${++files}.log`)
  writeFileSync(file, content)
  return file
}

const textsOf = async (file: string) => {
  const lines = []
  for await (const { number, text } of readLines(file)) lines.push(`${number} ${text}`)
  return lines
}

const request = (stamp: string) => `192.0.2.1 - - [${stamp}] "GET / HTTP/1.1" 200 1 "-" "Firefox"`

describe('the lines of a log', () => {
  it('are numbered, empty ones too, with either line end and with or without the last', async () => {
    expect(await textsOf(write('a\r\n\nb'))).toEqual(['1 a', '2 ', '3 b'])
    expect(await textsOf(write('a\nb\n'))).toEqual(['1 a', '2 b'])
    expect(await textsOf(write(''))).toEqual([])
  })

  it('are the same out of gzip, also of several parts, whatever the name', async () => {
    const parts = Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')])
    expect(await textsOf(write(parts))).toEqual(['1 a', '2 bc', '3 d'])
  })

  it('survive the borders of chunks, and keep no more than the limit of a long one', async () => {
    const long = 'x'.repeat(3 * LINE_LIMIT_BYTES + 10)
    const many = Array.from({ length: 20_000 }, (_, n) => `line ${n} ế`)
    const file = write([...many, long, 'after'].join('\n'))
    const lines = []
    for await (const line of readLines(file)) lines.push(line)
    expect(lines.slice(0, -2).map(({ text }) => Buffer.from(text, 'latin1').toString())).toEqual(many)
    expect(lines.at(-2)?.text.length).toBeGreaterThan(LINE_LIMIT_BYTES)
    expect(lines.at(-1)).toEqual({ number: 20_002, text: 'after' })
  })

  it('are measured: how many, and the latest time wherever it stands', async () => {
    const lines = ['junk', request('17/May/2015:10:05:09 +0000'), request('17/May/2015:10:05:03 +0000')]
    const latestSeconds = Date.parse('2015-05-17T10:05:09Z') / 1000
    expect(await measureLog(write(lines.join('\n')))).toEqual({ lines: 3, latestSeconds })
    expect(await measureLog(write('junk\n'))).toEqual({ lines: 1, latestSeconds: undefined })
  })

  it('are refused when the file is missing, a folder, or a broken gzip', async () => {
    await expect(measureLog(join(folder, 'missing'))).rejects.toThrow(/ENOENT/)
    await expect(measureLog(folder)).rejects.toThrow(/not a regular file/)
    await expect(measureLog(write(gzipSync('abc').subarray(0, 12)))).rejects.toThrow(/unexpected end/)
  })
})
