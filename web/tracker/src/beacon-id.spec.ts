import * as fc from 'fast-check'
import { validate, version } from 'uuid'
import { describe, expect, it } from 'vitest'
import { randomBytes, uuidV7 } from './beacon-id.js'

describe('uuidV7', () => {
  it('writes the time first, then version, variant and random digits', () => {
    // 0x0123456789ab ms; every random byte gives the digit of its low four bits: f, and b (1011) for the variant.
    expect(uuidV7(0x0123456789ab, new Uint8Array(36).fill(0xff))).toBe('01234567-89ab-7fff-bfff-ffffffffffff')
    expect(uuidV7(1, new Uint8Array(36))).toBe('00000000-0001-7000-8000-000000000000')
  })

  it('is a version 7 for an independent reader, whatever the clock and the dice', () => {
    const clock = fc.integer({ min: -1, max: 2 ** 48 - 1 })
    fc.assert(
      fc.property(clock, fc.uint8Array({ minLength: 36, maxLength: 36 }), (nowMs, random) => {
        const id = uuidV7(nowMs, random)
        expect(validate(id)).toBe(true)
        expect(version(id)).toBe(7)
        expect(parseInt(id.replace(/-/g, '').slice(0, 12), 16)).toBe(Math.max(0, nowMs))
      }),
    )
  })
})

describe('randomBytes', () => {
  it('differs from call to call', () => {
    expect(randomBytes()).toHaveLength(36)
    expect(randomBytes()).not.toEqual(randomBytes())
  })

  it('works in a page without crypto', () => {
    const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto') as PropertyDescriptor
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
    try {
      expect(new Set(randomBytes()).size).toBeGreaterThan(10)
      expect(randomBytes()).not.toEqual(randomBytes())
    } finally {
      Object.defineProperty(globalThis, 'crypto', crypto)
    }
  })
})
