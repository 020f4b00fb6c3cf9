import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BUILD = join(import.meta.dirname, '../scripts/build-web.mjs')

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truycap-web-'))
  execFileSync(process.execPath, [BUILD, '--out', folder])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the scripts as served', () => {
  it.each([
    ['t.js', 5000, 2200],
    ['w.js', 16_000, 4096],
  ])('%s is at most %d bytes, %d with gzip', (name, bytes, gzipBytes) => {
    const content = readFileSync(join(folder, name))
    expect(content.length).toBeLessThanOrEqual(bytes)
    expect(gzipSync(content, { level: 9 }).length).toBeLessThanOrEqual(gzipBytes)
  })

  it.each(['t.js', 'w.js'])('%s has no syntax younger than ES2017 and nothing that a strict page forbids', (name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    expect(text).not.toMatch(
      /\?\.[a-z[(]|\?\?|catch\{|\{\.\.\.|\.\.\.[a-z]+\}|\beval\b|new Function|innerHTML|\bimport\b/i,
    )
  })

  it.each(['t.js', 'w.js'])('%s stores nothing in the browser', (name) => {
    expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/cookie|localStorage|sessionStorage|indexedDB/i)
  })
})
