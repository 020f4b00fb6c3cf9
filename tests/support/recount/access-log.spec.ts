import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { factsOfAccessLog } from './access-log.js'

const reading = {
  site: 'demo',
  host: 'https://example.vn',
  endSeconds: 1_000_000,
  lastSeconds: Infinity,
  isCrawler: () => false,
}
const line = (stamp: string, request: string, status = 200) =>
  `192.0.2.1 - - [${stamp}] "${request} HTTP/1.1" ${status} 12 "-" "Firefox"`

describe('the reader of access logs', () => {
  it('moves the latest line to the end, whatever its place in the file', () => {
    const text = [line('17/May/2015:10:05:03 +0000', 'GET /a'), line('17/May/2015:10:05:01 +0000', 'GET /b')].join('\n')
    expect(factsOfAccessLog(text, reading).map(({ t, url }) => [t, url])).toEqual([
      [1_000_000, 'https://example.vn/a'],
      [999_998, 'https://example.vn/b'],
    ])
  })

  it.each([
    ['GET /a', 304, 1],
    ['GET /a', 206, 0],
    ['HEAD /a', 200, 0],
    ['GET /a.PNG?x=1', 200, 0],
    ['GET /v1.2/', 200, 1],
    ['GET /a.html', 200, 1],
    ['GET /?f=a.png', 200, 1],
  ])('reads %s answered %i as %i page views', (request, status, count) => {
    expect(factsOfAccessLog(line('17/May/2015:10:05:03 +0700', request, status), reading)).toHaveLength(count)
  })

  it('finds the page views that grep and awk find in the real log', () => {
    const text = readFileSync(new URL('../data/semicomplete-2015-05.access.log', import.meta.url), 'utf8')
    expect(text.split('\n').filter(Boolean)).toHaveLength(10_000)
    expect(factsOfAccessLog(text, reading)).toHaveLength(3889)
  })
})
