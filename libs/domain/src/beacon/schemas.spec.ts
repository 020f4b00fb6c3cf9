import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEACON_EXAMPLE, beaconSchema } from './beacon.schema.js'
import { validateBeacon } from './parse-beacon.js'
import { SERVER_EVENT_EXAMPLE, serverEventSchema } from './server-event.schema.js'
import { validateServerEvent } from './server-event.js'

const NOW = Date.parse(SERVER_EVENT_EXAMPLE.at)

/** Right, nearly right and wrong values that any key may be given. */
const value = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1, 1.5, 255, 256, 3600, 3601, 20_000, 20_001, 1e9, [], {}),
  fc.constantFrom('', 'demo', 'x', 'a/b', 'view', 'event', 'heartbeat', 'leave', 'erase', 'Không'),
  fc.constantFrom(
    'https://example.vn/',
    'http://\u0000',
    'https://',
    'ftp://a',
    '//a',
    `https://a/${'x'.repeat(2040)}`,
  ),
  fc.constantFrom('01932b7e8b7a7c4d9e2f0123456789ab', '01932b7e-8b7a-4c4d-9e2f-0123456789ab', 'x'.repeat(65)),
  fc.constantFrom('2026-11-23T18:20:15Z', '2026-11-23', '::1', 'fe80::1%eth0', '10.0.0.1', '10.0.0', 'y'.repeat(129)),
  fc.constantFrom<unknown>({ a: 1, b: 'x', c: true }, { a: null }, { ['k'.repeat(33)]: 1 }, { a: { b: 1 } }, [1]),
  fc.constant(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, n]))),
)
const changed = (example: object, keys: string[]) =>
  fc
    .tuple(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 }), fc.subarray(keys, { maxLength: 1 }))
    .map(([changes, gone]) => {
      const made: Record<string, unknown> = { ...example, ...changes }
      for (const key of gone) delete made[key]
      return made
    })

describe('the schemas of the API document', () => {
  it('take the beacons that intake takes, and no other', () => {
    fc.assert(
      fc.property(changed(BEACON_EXAMPLE, [...'vseiurnwlzadmobg', 'x']), (item) => {
        expect([item, beaconSchema.safeParse(item).success]).toEqual([item, validateBeacon(item).ok])
      }),
      { numRuns: 2000 },
    )
  })

  it('take the server events that intake takes, and no other', () => {
    const keys = 'site type id at url referrer title ip userAgent visitor language name props privacy x'.split(' ')
    fc.assert(
      fc.property(changed(SERVER_EVENT_EXAMPLE, keys), (item) => {
        const { ok, problem } = { problem: undefined, ...validateServerEvent(item, 'demo', NOW) }
        // Whose site it is and how old it may be depends on the key and the clock.
        const isTaken = ok || ['wrong_site', 'at_in_future', 'too_old'].includes(problem?.code ?? '')
        expect([item, serverEventSchema.safeParse(item).success]).toEqual([item, isTaken])
      }),
      { numRuns: 2000 },
    )
  })
})
