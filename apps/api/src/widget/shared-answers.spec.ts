import { beforeEach, describe, expect, it } from 'vitest'
import { parseIsoDate } from '#domain'
import { demo } from '../testing/door-under-test.js'
import { SharedAnswers } from './shared-answers.js'
import type { KnownSnapshot } from './snapshots.js'
import { prepare } from './widget-answer.js'

const READ_AT = Date.parse('2026-11-23T23:59:59.800Z')
const snapshot = { day: parseIsoDate('2026-11-23')! }
const known = { readAtMs: READ_AT, stale: false, snapshot, isCurrent: () => true } as KnownSnapshot
const prepared = prepare({ body: '57', etag: 'W/"x"' }, false)

describe('SharedAnswers', () => {
  let answers: SharedAnswers
  beforeEach(() => {
    answers = new SharedAnswers()
  })

  // 23:59:59.800 read | .999 last of the day | 00:00:00.000
  it('gives an answer by its address, until local midnight', () => {
    answers.keepNumbers(demo, known, prepared)
    answers.keepForm('/w/demo.svg?lang=en', demo, known, prepared)
    for (const address of ['/w/demo.json', '/w/demo.svg?lang=en']) {
      expect(answers.get(address, READ_AT + 199)).toBe(prepared)
      expect(answers.get(address, READ_AT + 200)).toBeUndefined()
    }
    expect(answers.get('/w/demo.svg', READ_AT)).toBeUndefined()
  })

  it('gives none whose offset entries are no longer those of the site', () => {
    answers.keepNumbers(demo, { ...known, isCurrent: () => false }, prepared)
    expect(answers.get('/w/demo.json', READ_AT)).toBeUndefined()
  })

  it('gives it for half a second', () => {
    const earlier = { ...known, readAtMs: READ_AT - 3_600_000 }
    answers.keepForm('/w/demo.svg', demo, earlier, prepared)
    expect(answers.get('/w/demo.svg', earlier.readAtMs + 499)).toBe(prepared)
    expect(answers.get('/w/demo.svg', earlier.readAtMs + 500)).toBeUndefined()
  })

  it('keeps no form of an address that was blown up, and only the last thousand', () => {
    const blownUp = `/w/demo.svg?${'&'.repeat(200)}`
    answers.keepForm(blownUp, demo, known, prepared)
    expect(answers.get(blownUp, READ_AT)).toBeUndefined()
    for (let n = 0; n <= 1000; n++) answers.keepForm(`/w/demo.svg?${n}`, demo, known, prepared)
    expect(answers.get('/w/demo.svg?0', READ_AT)).toBeUndefined()
    expect(answers.get('/w/demo.svg?1', READ_AT)).toBe(prepared)
  })
})
