import fc from 'fast-check'
import { Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { TallyHistogram } from './tally-histogram.js'

const BUCKETS = [0.005, 0.1, 1, 60]
const OPTIONS = { name: 'waits_seconds', help: 'Waits.' }

describe('TallyHistogram', () => {
  it('says what a histogram of prom-client says, at every look', async () => {
    const value = fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 100, noNaN: true }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(value)), async (looks) => {
        const [ours, theirs] = [new Registry(), new Registry()]
        const tally = new TallyHistogram({ ...OPTIONS, buckets: BUCKETS, registry: ours })
        const histogram = new Histogram({ ...OPTIONS, buckets: BUCKETS, registers: [theirs] })
        for (const values of looks) {
          for (const one of values) {
            tally.observe(one)
            histogram.observe(one)
          }
          expect(await ours.metrics()).toBe(await theirs.metrics())
        }
      }),
    )
  })
})
