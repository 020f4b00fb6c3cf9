import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeEvent, SITE_DEFAULTS } from '#domain'
import { ADMIN, OwnerDoorUnderTest } from '../testing/owner-door-under-test.js'

Logger.overrideLogger(false)

const JSON_TYPE = { 'content-type': 'application/json' }
const problem = (status: number, code: string, field?: string) => {
  return expect.objectContaining({
    status,
    code,
    detail: expect.any(String) as string,
    ...(field === undefined ? {} : { field }),
  }) as unknown
}

describe('the owner door', () => {
  let door: OwnerDoorUnderTest
  beforeEach(async () => {
    door = await new OwnerDoorUnderTest().start()
  })
  afterEach(() => door.stop())

  describe('POST /v1/sites', () => {
    it('makes a site from an id alone and shows all that it is', async () => {
      const made = await door.ask('POST', '/v1/sites', { key: ADMIN, body: { id: 'demo' } })
      expect([made.status, made.json]).toEqual([201, { id: 'demo', ...SITE_DEFAULTS }])
      expect(made.headers['cache-control']).toBe('no-store')
      expect(made.headers['access-control-allow-origin']).toBeUndefined()
    })

    it('makes it known at once', async () => {
      await door.makeSite('demo')
      expect(door.directory.site('demo')).toMatchObject({ id: 'demo' })
      expect((await door.ask('GET', '/v1/sites/demo', { key: ADMIN })).json).toEqual({ id: 'demo', ...SITE_DEFAULTS })
    })

    it('refuses an id that exists', async () => {
      await door.makeSite('demo')
      const again = await door.ask('POST', '/v1/sites', { key: ADMIN, body: { id: 'demo' } })
      expect([again.status, again.json]).toEqual([409, problem(409, 'site_exists')])
    })

    it.each([
      ['{', JSON_TYPE, problem(400, 'bad_json')],
      ['', JSON_TYPE, problem(400, 'bad_json')],
      [Buffer.from('{"id":"d\xe9mo"}', 'latin1'), JSON_TYPE, problem(400, 'bad_json')],
      ['[]', JSON_TYPE, problem(400, 'bad_field', 'body')],
      ['null', JSON_TYPE, problem(400, 'bad_field', 'body')],
      ['{}', JSON_TYPE, problem(400, 'bad_field', 'id')],
      ['{"id":"x"}', JSON_TYPE, problem(400, 'bad_field', 'id')],
      ['{"id":"demo","unit":"hits"}', JSON_TYPE, problem(400, 'bad_field', 'unit')],
      ['{"id":"demo","timezone":"UTC"}', JSON_TYPE, problem(400, 'bad_field', 'timezone')],
      ['{"id":"demo"}', { 'content-type': 'text/plain' }, problem(415, 'unsupported_media_type')],
      [
        '{"id":"demo"}',
        { 'content-type': 'application/x-www-form-urlencoded' },
        problem(415, 'unsupported_media_type'),
      ],
      ['{"id":"demo"}', { 'content-type': '; ;' }, problem(415, 'unsupported_media_type')],
      ['{"id":"demo"}', {}, problem(415, 'unsupported_media_type')],
      ['{"id":"demo"}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, problem(415, 'unsupported_media_type')],
      [`{"id":"demo","name":"${'x'.repeat(64 * 1024)}"}`, JSON_TYPE, problem(413, 'too_large')],
    ])('refuses the body %j of type %j', async (body, headers, expected) => {
      const answer = await door.ask('POST', '/v1/sites', { key: ADMIN, body, headers })
      expect(answer.json).toEqual(expected)
      expect(answer.status).toBe((answer.json as { status: number }).status)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
      })
      expect(door.registry.sites).toEqual([])
    })

    it('takes JSON with a charset', async () => {
      const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
      expect((await door.ask('POST', '/v1/sites', { key: ADMIN, body: '{"id":"demo"}', headers })).status).toBe(201)
    })

    it('says 503 when the registry takes nothing', async () => {
      door.registry.fault.mood = 'failing'
      const answer = await door.ask('POST', '/v1/sites', { key: ADMIN, body: { id: 'demo' } })
      expect([answer.status, answer.json]).toEqual([503, problem(503, 'log_unavailable')])
      expect(answer.headers['retry-after']).toBe('1')
    })
  })

  describe('GET /v1/sites', () => {
    it('lists all sites for the admin and the own one for an owner', async () => {
      await door.makeSite('bb')
      await door.makeSite('aa')
      const owner = await door.makeKey('bb', 'owner')
      const ids = async (key: string) =>
        ((await door.ask('GET', '/v1/sites', { key })).json as { id: string }[]).map(({ id }) => id)
      expect(await ids(ADMIN)).toEqual(['aa', 'bb'])
      expect(await ids(owner)).toEqual(['bb'])
    })

    it('knows no site that nobody made', async () => {
      for (const url of ['/v1/sites/nobody', '/v1/sites/x', '/v1/sites/nobody/keys']) {
        expect((await door.ask('GET', url, { key: ADMIN })).json).toEqual(problem(404, 'site_not_found'))
      }
    })

    it('says 503, not 404, of a site that cannot be looked up', async () => {
      door.registry.fault.mood = 'failing'
      expect((await door.ask('GET', '/v1/sites/nobody', { key: ADMIN })).json).toEqual(problem(503, 'log_unavailable'))
    })
  })

  describe('PATCH /v1/sites/{id}', () => {
    beforeEach(() => door.makeSite('demo'))
    const change = (body: unknown, headers: object = {}) =>
      door.ask('PATCH', '/v1/sites/demo', { key: ADMIN, body, headers })

    it('changes what is given and nothing else, at once', async () => {
      const hosts = ['example.vn']
      expect((await change({ unit: 'pageviews', hosts })).status).toBe(200)
      const changed = await change({ name: 'Báo' })
      const expected = { id: 'demo', ...SITE_DEFAULTS, unit: 'pageviews', hosts, name: 'Báo' }
      expect([changed.status, changed.json]).toEqual([200, expected])
      expect(door.directory.site('demo')).toEqual(expected)
    })

    it('loses none of many changes at once', async () => {
      const changes = [{ name: 'Báo' }, { unit: 'visitors' }, { weekStart: 'sunday' }, { bots: 'count' }]
      await Promise.all(changes.map((one) => change(one)))
      expect(door.directory.site('demo')).toEqual({ id: 'demo', ...SITE_DEFAULTS, ...Object.assign({}, ...changes) })
    })

    it('changes nothing when nothing is given', async () => {
      expect((await change({})).json).toEqual({ id: 'demo', ...SITE_DEFAULTS })
    })

    it.each([
      [{ id: 'demo' }, 'id'],
      [{ id: 'other' }, 'id'],
      [{ timezone: 'UTC' }, 'timezone'],
      [{ name: 'fine', unit: 'hits' }, 'unit'],
      [{ onlineWindowSeconds: 59 }, 'onlineWindowSeconds'],
      [{ name: null }, 'name'],
      [[], 'body'],
    ])('takes no change %j', async (body, field) => {
      const answer = await change(body)
      expect([answer.status, answer.json]).toEqual([400, problem(400, 'bad_field', field)])
      expect(door.registry.sites).toEqual([{ id: 'demo', ...SITE_DEFAULTS }])
    })

    it('says 404 of what is no site, and 503 when the registry takes nothing', async () => {
      const answer = await door.ask('PATCH', '/v1/sites/nobody', { key: ADMIN, body: {} })
      expect(answer.json).toEqual(problem(404, 'site_not_found'))
      door.registry.fault.mood = 'failing'
      expect((await change({})).json).toEqual(problem(503, 'log_unavailable'))
    })
  })

  describe('DELETE /v1/sites/{id}', () => {
    const remove = (id: string) => door.ask('DELETE', `/v1/sites/${id}`, { key: ADMIN })
    const erasures = () => door.log.entries.map(({ site, bytes }) => [site, decodeEvent(bytes)?.type])
    beforeEach(async () => {
      await door.makeSite('demo')
      await door.makeSite('other')
    })

    it('makes the site and its keys unknown at once and has it erased from the log', async () => {
      const key = await door.makeKey('demo', 'owner')
      const gone = await remove('demo')
      expect([gone.status, gone.text]).toEqual([204, ''])
      expect((await door.ask('GET', '/v1/sites/demo', { key: ADMIN })).json).toEqual(problem(404, 'site_not_found'))
      expect((await door.ask('GET', '/v1/sites', { key })).json).toEqual(problem(401, 'unauthorized'))
      expect((await remove('demo')).json).toEqual(problem(404, 'site_not_found'))
      expect(erasures()).toEqual([['demo', 'erase']])
      expect(door.directory.list().map(({ id }) => id)).toEqual(['other'])
    })

    it('never gives the id again', async () => {
      await remove('demo')
      const again = await door.ask('POST', '/v1/sites', { key: ADMIN, body: { id: 'demo' } })
      expect([again.status, again.json]).toEqual([409, problem(409, 'site_exists', 'id')])
    })

    it('forgets the last known numbers of the site, in memory and on the disk, and of no other', async () => {
      for (const id of ['demo', 'other']) {
        await door.snapshots().of(door.directory.site(id)!)
        await door.lastKnown().save()
      }
      expect([...door.disk.kept.keys()]).toEqual(['demo', 'other'])
      await remove('demo')
      door.forget()
      await door.lastKnown().save()
      expect([...door.disk.kept.keys()]).toEqual(['other'])
      expect(door.lastKnown().snapshot('demo')).toBeNull()
    })

    it('is done all the same when the log is away, and erases when that is back', async () => {
      door.log.fault.mood = 'failing'
      expect((await remove('demo')).status).toBe(204)
      expect(erasures()).toEqual([])
      door.log.fault.mood = 'fine'
      await door.eraser().erase()
      expect(erasures()).toEqual([['demo', 'erase']])
    })

    it('says 503 when the registry takes nothing, and the site stays', async () => {
      door.registry.fault.mood = 'failing'
      expect((await remove('demo')).json).toEqual(problem(503, 'log_unavailable'))
      expect([door.directory.site('demo')?.id, erasures()]).toEqual(['demo', []])
    })
  })

  describe('/v1/sites/{id}/keys', () => {
    beforeEach(() => door.makeSite('demo'))

    it('shows a key once, usable at once, and keeps only its hash', async () => {
      const made = await door.ask('POST', '/v1/sites/demo/keys', { key: ADMIN, body: { role: 'ingest' } })
      expect(made.status).toBe(201)
      expect(made.json).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        role: 'ingest',
        key: expect.stringMatching(/^tcp_ingest_[\w-]{43}$/) as string,
      })
      const { id, key } = made.json as { id: string; key: string }
      expect(door.directory.key(key)).toMatchObject({ id, siteId: 'demo', role: 'ingest' })
      expect(JSON.stringify(door.registry.keys)).not.toContain(key)

      const listed = await door.ask('GET', '/v1/sites/demo/keys', { key: ADMIN })
      expect(listed.json).toEqual([{ id, role: 'ingest', createdAt: '2026-11-23T12:00:00.000Z' }])
      expect(listed.text).not.toContain(door.registry.keys[0].hash)
    })

    it('lists the keys of that site, oldest first', async () => {
      await door.makeSite('other')
      await door.makeKey('other', 'owner')
      for (const role of ['read', 'owner', 'ingest']) {
        await door.makeKey('demo', role)
        door.clock.pass(1000)
      }
      const { json } = await door.ask('GET', '/v1/sites/demo/keys', { key: ADMIN })
      expect((json as { role: string }[]).map(({ role }) => role)).toEqual(['read', 'owner', 'ingest'])
    })

    it.each([
      [{}, 'role'],
      [{ role: 'admin' }, 'role'],
      [{ role: 'owner', name: 'x' }, 'name'],
      [[], 'body'],
    ])('makes none of %j', async (body, field) => {
      expect((await door.ask('POST', '/v1/sites/demo/keys', { key: ADMIN, body })).json).toEqual(
        problem(400, 'bad_field', field),
      )
      expect(door.registry.keys).toEqual([])
    })

    it('takes a key back at once', async () => {
      const key = await door.makeKey('demo', 'owner')
      const { id } = door.directory.key(key)!
      const gone = await door.ask('DELETE', `/v1/sites/demo/keys/${id}`, { key: ADMIN, headers: JSON_TYPE })
      expect([gone.status, gone.text]).toEqual([204, ''])
      expect((await door.ask('GET', '/v1/sites/demo', { key })).json).toEqual(problem(401, 'unauthorized'))
      const again = await door.ask('DELETE', `/v1/sites/demo/keys/${id}`, { key: ADMIN })
      expect(again.json).toEqual(problem(404, 'route_not_found'))
    })

    it('takes no key of another site back', async () => {
      await door.makeSite('other')
      const { id } = door.directory.key(await door.makeKey('demo', 'owner'))!
      expect((await door.ask('DELETE', `/v1/sites/other/keys/${id}`, { key: ADMIN })).status).toBe(404)
      expect(door.registry.keys).toHaveLength(1)
    })
  })

  describe('the roles', () => {
    it('cannot be told while no site is known at all', async () => {
      await door.stop()
      door = new OwnerDoorUnderTest()
      door.registry.fault.mood = 'failing'
      await door.start()
      expect((await door.ask('GET', '/v1/sites', { key: 'some-key' })).json).toEqual(problem(503, 'log_unavailable'))
      expect((await door.ask('GET', '/v1/sites', { key: ADMIN })).status).toBe(200)
    })
  })

  describe('what no route is for', () => {
    it.each([
      ['GET', '/'],
      ['GET', '/v1'],
      ['POST', '/v1/nothing'],
      ['GET', '/v1/sites/demo/offset'],
      ['GET', '/v1/sites/%zz'],
      ['GET', `/v1/sites/${'x'.repeat(200)}`],
      ['GET', '/w/demo.svg'],
    ])('answers %s %s with 404', async (method, url) => {
      const answer = await door.ask(method, url, { key: ADMIN, headers: { 'content-type': 'text/plain' } })
      expect([answer.status, answer.json]).toEqual([404, problem(404, 'route_not_found')])
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    })

    it.each([
      ['PUT', '/v1/sites', 'GET, HEAD, POST'],
      ['OPTIONS', '/v1/sites', 'GET, HEAD, POST'],
      ['PUT', '/v1/sites/demo', 'DELETE, GET, HEAD, PATCH'],
      ['GET', '/v1/sites/demo/keys/k', 'DELETE'],
      ['POST', '/t.js?x=1', 'GET, HEAD'],
    ])('answers %s %s with 405 and what is allowed', async (method, url, allow) => {
      const answer = await door.ask(method, url)
      expect([answer.status, answer.json]).toEqual([405, problem(405, 'method_not_allowed')])
      expect(answer.headers.allow).toBe(allow)
    })
  })

  describe('the scripts', () => {
    it.each([
      ['/t.js', 'tracker()'],
      ['/w.js', 'widget()'],
    ])('serves %s to any page, for an hour', async (url, text) => {
      const answer = await door.ask('GET', url)
      expect([answer.status, answer.text]).toEqual([200, text])
      expect(answer.headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=3600',
        'access-control-allow-origin': '*',
        'content-length': String(text.length),
      })
      const again = await door.ask('GET', url, { headers: { 'if-none-match': answer.headers.etag } })
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', answer.headers.etag])
      const head = await door.ask('HEAD', url)
      expect([head.status, head.text]).toEqual([200, ''])
    })
  })

  it('tells with its metrics how old the numbers are that it serves', async () => {
    expect(await door.metrics.registry.metrics()).toContain('truycap_snapshot_age_seconds 0')
    door.snapshots().oldestAgeSeconds = () => 42
    expect(await door.metrics.registry.metrics()).toContain('truycap_snapshot_age_seconds 42')
  })

  it('answers what nobody expected with 500, without a word of it', async () => {
    door.directory.list = () => {
      throw new Error('secret of the inside')
    }
    const answer = await door.ask('GET', '/v1/sites', { key: ADMIN })
    expect([answer.status, answer.json]).toEqual([500, problem(500, 'internal')])
    expect(answer.text).not.toContain('secret')
  })
})
