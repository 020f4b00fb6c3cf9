import { afterAll, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { endEverything, tempFolder, valuesOf } from '../support/harness/index.js'
import { caughtUp, health, Stage, widgetEquals } from '../support/faults/index.js'
import { appendPoison, recordsInLog, storeDifferences } from './stopped-folder.js'

const LOAD = { connections: 16, pauseMs: 5 }
const LOAD_MS = 700

const stage = new Stage()
const dataDir = tempFolder()

afterAll(endEverything)

const deadLetters = ({ opsUrl }: Standalone) => valuesOf(opsUrl, 'truycap_dead_letters_total')

it(`sets a record aside that nobody can read and counts what comes after it (seed ${stage.seed})`, async () => {
  const first = await stage.start(dataDir)
  await stage.makeSites(first)
  await stage.load(first, LOAD_MS, LOAD)
  expect(await first.stop()).toMatchObject({ code: 0 })
  const recordsBefore = await recordsInLog(dataDir)
  await appendPoison(dataDir, 'in-visits', [200])

  const second = await stage.start(dataDir)
  await stage.load(second, LOAD_MS, LOAD)
  const expectations = stage.expectations()
  await widgetEquals(second.url, expectations)
  await caughtUp(second.opsUrl)
  expect(await deadLetters(second)).toEqual({ poison: 1 })
  expect(await valuesOf(second.opsUrl, 'truycap_events_total')).toMatchObject({ poison: 1 })
  expect(await health(second.opsUrl)).toEqual({
    status: 200,
    dependencies: { log: 'up', registry: 'up', counters: 'up', store: 'up' },
  })

  // Killed before or after its checkpoint: the record is met again, or it is not, and changes nothing either way.
  await second.killTree()
  await appendPoison(dataDir, 'solo', [0, 1, 88, 5000])
  const third = await stage.start(dataDir)
  await widgetEquals(third.url, expectations)
  await caughtUp(third.opsUrl)
  expect([{ poison: 4 }, { poison: 5 }]).toContainEqual(await deadLetters(third))
  expect(await third.stop()).toMatchObject({ code: 0 })
  expect(await storeDifferences(dataDir, expectations)).toEqual([])
  expect(await recordsInLog(dataDir)).toBeGreaterThan(recordsBefore)
  stage.print(expectations)
})
