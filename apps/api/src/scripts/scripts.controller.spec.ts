import { createHash } from 'node:crypto'
import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OwnerDoorUnderTest } from '../testing/owner-door-under-test.js'

Logger.overrideLogger(false)

describe('ScriptsController', () => {
  let door: OwnerDoorUnderTest
  beforeEach(async () => {
    door = await new OwnerDoorUnderTest().start()
  })
  afterEach(() => door.stop())

  it.each(['t', 'w'])(
    'names the immutable copy of /%s.js and its integrity, and serves it for good',
    async (letter) => {
      const latest = await door.ask('GET', `/${letter}.js`)
      const address = latest.headers['content-location'] as string
      expect(address).toMatch(new RegExp(`^${letter}/1\\.2\\.3-[0-9a-f]{16}\\.js$`))
      const copy = await door.ask('GET', `/${address}`)
      expect([copy.status, copy.text]).toEqual([200, latest.text])
      expect(copy.headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'access-control-allow-origin': '*',
        'repr-digest': `sha-256=:${createHash('sha256').update(latest.text).digest('base64')}:`,
      })
      expect(latest.headers['repr-digest']).toBe(copy.headers['repr-digest'])
      const again = await door.ask('GET', `/${address}`, { headers: { 'if-none-match': copy.headers.etag } })
      expect([again.status, again.text]).toEqual([304, ''])
      expect((await door.ask('HEAD', `/${address}`)).status).toBe(200)
    },
  )

  it('leads from the version of the package to the copy that runs, which is not for good', async () => {
    const answer = await door.ask('GET', '/t/1.2.3.js')
    expect([answer.status, answer.headers['cache-control']]).toEqual([302, 'public, max-age=3600'])
    const { headers } = await door.ask('GET', '/t.js')
    expect(new URL(answer.headers.location as string, 'http://host/t/1.2.3.js').pathname).toBe(
      `/${headers['content-location'] as string}`,
    )
  })

  it.each(['/t/1.2.4.js', '/t/1.2.3', '/t/.js', '/t/..%2Ft.js', '/w/1.2.3-0000000000000000.js', '/t/%00.js'])(
    'knows no %s, and lets nobody keep that',
    async (url) => {
      const answer = await door.ask('GET', url)
      expect([answer.status, answer.json]).toEqual([404, expect.objectContaining({ code: 'route_not_found' })])
      expect(answer.headers['cache-control']).toBe('no-store')
    },
  )
})
