import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import {
  beacon,
  browser,
  createSite,
  endEverything,
  ship,
  startOnSharedServers,
  tempFolder,
  widgetShows,
} from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'
import { startTlsRedis } from '../support/servers/tls-redis.js'

afterAll(endEverything)

/** A certificate for 127.0.0.1 that only those believe who are told to, and its key. */
function certificate(): { readonly cert: string; readonly key: string } {
  const folder = tempFolder('truycap-tls-')
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=redis-of-the-tests', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject]
  const { status, stderr } = spawnSync('openssl', [...args, '-out', cert, '-keyout', key], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl is needed: apt-get install openssl\n${stderr}`)
  return { cert, key }
}

it('counts in a Redis that is reached over TLS and with a password, and trusts no stranger', async () => {
  const { cert, key } = certificate()
  const redis = await startTlsRedis({ cert, key, password: 'p@ss/word' })
  const env = { REDIS_URL: redis.url }
  await expect(startOnSharedServers({ env })).rejects.toThrow(/self-signed certificate/)
  const cluster = await startOnSharedServers({ env: { ...env, NODE_EXTRA_CA_CERTS: cert } })
  await createSite(cluster, { id: 'secret', unit: 'pageviews' })
  await ship(cluster.url, { beacons: [beacon({ s: 'secret' })], userAgent: browser(1) })
  await widgetShows(cluster.url, 'secret', { total: 1 })
  expect(await withRedis(redis.plain, (client) => client.dbsize())).toBeGreaterThan(0)
  await cluster.stop()
})
