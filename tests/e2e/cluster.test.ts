import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beacon,
  browser,
  calmTimeZone,
  Cluster,
  createSite,
  endEverything,
  postBeacon,
  request,
  widgetShows,
} from '../support/harness/index.js'

describe('the three services of a cluster behind one origin', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start()
  })
  afterAll(endEverything)

  it('counts a beacon and shows it', async () => {
    await createSite(cluster, { id: 'cluster', timeZone: calmTimeZone() })
    for (let n = 0; n < 5; n++) {
      const answer = await postBeacon(cluster.url, beacon({ s: 'cluster' }), { 'User-Agent': browser(n) })
      expect(answer.status).toBe(204)
    }
    await widgetShows(cluster.url, 'cluster', { total: 5, online: 5 })
    expect((await request({ url: `${cluster.url}/t.js` })).status).toBe(200)
  })
})
