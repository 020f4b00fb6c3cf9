import { BROWSER } from './fakes.js'

/** A UUID version 7 that ends in the given number. */
export function beaconId(n = 1): string {
  return `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`
}

/** A good view of the site `demo` in the wire's words; overrides may spoil it. */
export function view(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { v: 1, s: 'demo', e: 'view', i: beaconId(), u: 'https://example.vn/a', ...overrides }
}

export const AS_BROWSER = { 'user-agent': BROWSER }
