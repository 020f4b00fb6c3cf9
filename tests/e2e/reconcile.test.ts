import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  calmTimeZone,
  createSite,
  endEverything,
  type Standalone,
  startStandalone,
  until,
} from '../support/harness/index.js'
import { driftOf, sendViews } from './drifts.js'

const NOTHING = { day: 0, week: 0, month: 0, year: 0, total: 0, views: 0, records: 0 }

let product: Standalone
beforeAll(async () => {
  product = await startStandalone()
})
afterAll(endEverything)

it('reconciliation in the embedded mode goes on by itself and finds no drift', async () => {
  await createSite(product, { id: 'alone', timeZone: calmTimeZone() })
  await sendViews(product.url, ['alone'])
  await until(async () => (await driftOf(product.opsUrl)).total === 0, { what: 'the first look' })
  expect(await driftOf(product.opsUrl)).toEqual(NOTHING)
})
