import { Logger } from '@nestjs/common'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN, OwnerDoorUnderTest } from '../testing/owner-door-under-test.js'

Logger.overrideLogger(false)

/**
 * Who gets what. The keys of owner, read and ingest are those of the site `demo`, that of `stranger` is an owner's of another;
 * each asks for something of `demo`. A route that is not in here fails a test below.
 */
const TABLE = `
                                      admin  owner  stranger  read  ingest  nobody  unknown  revoked
  POST   /v1/sites                      201    403       403   403     403     401      401      401
  GET    /v1/sites                      200    200       200   403     403     401      401      401
  GET    /v1/sites/:id                  200    200       403   403     403     401      401      401
  PATCH  /v1/sites/:id                  200    200       403   403     403     401      401      401
  DELETE /v1/sites/:id                  204    204       403   403     403     401      401      401
  POST   /v1/sites/:id/keys             201    201       403   403     403     401      401      401
  GET    /v1/sites/:id/keys             200    200       403   403     403     401      401      401
  DELETE /v1/sites/:id/keys/:keyId      204    204       403   403     403     401      401      401
  POST   /v1/sites/:id/offsets          201    201       403   403     403     401      401      401
  GET    /v1/sites/:id/offsets          200    200       403   403     403     401      401      401
  DELETE /v1/sites/:id/offsets/:entry   404    404       403   403     403     401      401      401
  GET    /v1/openapi.json               200    200       200   200     200     200      200      200
  GET    /t.js                          200    200       200   200     200     200      200      200
  GET    /w.js                          200    200       200   200     200     200      200      200
  GET    /t/:file                       404    404       404   404     404     404      404      404
  GET    /w/:file                       404    404       404   404     404     404      404      404
`
const BODIES: Readonly<Record<string, object>> = {
  'POST /v1/sites': { id: 'new' },
  'PATCH /v1/sites/:id': { name: 'x' },
  'POST /v1/sites/:id/keys': { role: 'read' },
  'POST /v1/sites/:id/offsets': { field: 'total', add: 1, reason: 'x' },
}

const CODES: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'route_not_found' }

const [askers = [], ...lines] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))
const ROWS = lines.map(([method, url, ...statuses]) => ({ route: `${method} ${url}`, statuses: statuses.map(Number) }))
const CASES = ROWS.flatMap(({ route, statuses }) => askers.map((asker, n) => [asker, route, statuses[n]!] as const))
const KEYED = ROWS.filter(({ statuses }) => statuses[askers.indexOf('nobody')] === 401).map(({ route }) => route)

describe('who may do what', () => {
  let door: OwnerDoorUnderTest
  /** A door takes a tenth of a second to make, and who is refused leaves it as it was. */
  let isNeeded = true
  beforeEach(async () => {
    if (!isNeeded) return
    door = await new OwnerDoorUnderTest().start()
    await door.makeSite('demo')
    await door.makeSite('other')
    isNeeded = false
  })
  afterEach(async () => {
    if (isNeeded) await door.stop()
  })
  afterAll(async () => {
    if (!isNeeded) await door.stop()
  })

  const idOf = (key: string) => door.directory.key(key)!.id
  const remove = (siteId: string, key: string) =>
    door.ask('DELETE', `/v1/sites/${siteId}/keys/${idOf(key)}`, { key: ADMIN })

  async function keyOf(asker: string): Promise<string | undefined> {
    if (asker === 'admin') return ADMIN
    if (asker === 'nobody') return undefined
    if (asker === 'unknown') return `tcp_owner_${'x'.repeat(43)}`
    if (asker === 'stranger') return door.makeKey('other', 'owner')
    if (asker !== 'revoked') return door.makeKey('demo', asker)
    const key = await door.makeKey('demo', 'owner')
    expect((await remove('demo', key)).status).toBe(204)
    return key
  }

  it('is said of every route of the app', () => {
    expect(door.routes.toSorted()).toEqual(ROWS.map(({ route }) => route).toSorted())
  })

  it.each(CASES)('%s asks for %s and gets %i', async (asker, route, status) => {
    const body = BODIES[route]
    const key = await keyOf(asker)
    const victim = idOf(await door.makeKey('demo', 'read'))
    const [method, url] = route.replace(':id', 'demo').replace(':keyId', victim).split(' ') as [string, string]
    const answer = await door.ask(method, url, { ...(key && { key }), ...(body && { body }) })
    isNeeded = status < 400 && method !== 'GET'
    expect(answer.status).toBe(status)
    if (status < 400) return
    expect(answer.json).toMatchObject({ status, code: CODES[status] })
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
    expect(door.registry.sites.map(({ id, name }) => [id, name])).toEqual([
      ['demo', ''],
      ['other', ''],
    ])
    expect(door.registry.keys.map(({ id }) => id)).toContain(victim)
  })

  it.each(KEYED)('is judged before anything else of %s', async (route) => {
    const [method, url] = route.replace(':id', 'nobody').split(' ') as [string, string]
    for (const authorization of [undefined, 'Bearer ', 'Bearer nobody', `Basic ${ADMIN}`, `Bearer ${ADMIN} x`]) {
      const headers = { 'content-type': 'text/html', ...(authorization && { authorization }) }
      const answer = await door.ask(method, url, { headers, ...(method !== 'GET' && { body: '{' }) })
      expect([answer.status, answer.json]).toEqual([401, expect.objectContaining({ code: 'unauthorized' })])
    }
  })

  it('is the same on a site that does not exist, for who has no right to know', async () => {
    const key = await door.makeKey('demo', 'owner')
    for (const url of ['/v1/sites/nobody', '/v1/sites/other']) {
      expect((await door.ask('GET', url, { key })).json).toMatchObject({ status: 403, code: 'forbidden' })
    }
  })

  it('takes no key of another site back', async () => {
    const key = await door.makeKey('demo', 'read')
    expect((await remove('other', key)).status).toBe(404)
    expect(door.directory.key(key)).toBeDefined()
  })
})
