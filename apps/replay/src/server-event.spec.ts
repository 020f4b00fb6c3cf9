import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventIdOf, serverEventOf } from './server-event.js'

describe('the event of a line', () => {
  const frame = { siteId: 'demo', host: 'https://example.vn', shiftSeconds: 3600 }
  const request = { address: '192.0.2.1', atSeconds: 1_431_857_103, method: 'GET', target: '/a?b=1', status: 200 }

  it('has the moved time, the whole address of the page, and no field for what the log lacks', () => {
    expect(serverEventOf(request, 'log-1', frame)).toEqual({
      site: 'demo',
      type: 'view',
      id: 'log-1',
      at: '2015-05-17T11:05:03.000Z',
      url: 'https://example.vn/a?b=1',
      ip: '192.0.2.1',
    })
    const full = { ...request, referrer: 'https://bao.vn/', userAgent: 'Firefox' }
    expect(serverEventOf(full, 'log-1', frame)).toMatchObject({ referrer: 'https://bao.vn/', userAgent: 'Firefox' })
  })

  it('has an id of the line’s number and text', () => {
    const digest = createHash('sha256').update('7\nline').digest('hex')
    expect(eventIdOf(7, 'line')).toBe(`log-${digest.slice(0, 32)}`)
    expect(new Set([eventIdOf(7, 'line'), eventIdOf(8, 'line'), eventIdOf(7, 'lines')]).size).toBe(3)
  })
})
