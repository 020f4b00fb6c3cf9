import { describe, expect, it } from 'vitest'
import { encodeBeacon, readProps } from './beacon.wire.js'

const ID = '01234567-89ab-7fff-bfff-ffffffffffff'

describe('encodeBeacon', () => {
  it('leaves out empty texts, zeros and what is not there', () => {
    const beacon = {
      v: 1,
      s: 'demo',
      e: 'view',
      i: ID,
      u: 'https://example.vn/',
      r: '',
      a: 0,
      b: 0,
      g: 0,
      w: 1280,
    } as const
    expect(encodeBeacon(beacon)).toBe(`{"v":1,"s":"demo","e":"view","i":"${ID}","u":"https://example.vn/","w":1280}`)
  })

  it('keeps false, 0 and the empty text among the properties of an event', () => {
    const o = { paid: false, a: 0, r: '' }
    const beacon = { v: 1, s: 'demo', e: 'event', i: ID, u: 'https://example.vn/', m: 'buy', o } as const
    expect(JSON.parse(encodeBeacon(beacon)).o).toEqual(o)
  })
})

describe('readProps', () => {
  it('takes texts, finite numbers and booleans and leaves the rest out', () => {
    const given = {
      plan: 'pro',
      seats: 3,
      trial: false,
      price: NaN,
      far: Infinity,
      list: [1],
      nothing: null,
      call() {},
    }
    expect(readProps(given)).toEqual({ plan: 'pro', seats: 3, trial: false })
  })

  it('keeps the first ten', () => {
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, index]))
    expect(Object.keys(readProps(eleven))).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'])
  })

  it('cuts names to 32 and leaves a text long enough for the door to cut it at a code point', () => {
    const props = readProps({ [`n${'n'.repeat(40)}`]: `${'x'.repeat(199)}😀${'y'.repeat(50)}` })
    expect(props).toEqual({ ['n'.repeat(32)]: `${'x'.repeat(199)}😀` })
  })
})
