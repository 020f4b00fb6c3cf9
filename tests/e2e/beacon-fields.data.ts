import { uuid7 } from '../support/harness/index.js'

const uuid4 = '0b8fc5f6-2f6f-4c0e-9c57-0e6d5dd2b1a3'
const long = (length: number) => 'x'.repeat(length)
const keys = (count: number, length = 4) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [String(n).padStart(length, 'k'), n]))

/** field · the beacon around it · values that are wrong */
export const WRONG: [string, object, unknown[]][] = [
  ['v', {}, [undefined, '1', 1.5, null, true]],
  ['s', {}, [undefined, 'x', long(33), 'a b', 'điểm', 'a.b', 5, null]],
  ['e', {}, [undefined, 'click', 'VIEW', 7]],
  [
    'i',
    {},
    [undefined, 'x', uuid4, `${uuid7().slice(0, 19)}7${uuid7().slice(20)}`, uuid7().slice(1), `${uuid7()}0`, 5],
  ],
  ['u', {}, [undefined, '', '/a', 'ftp://example.vn/', 'javascript:alert(1)', 'https://', 5, null]],
  ['u', {}, [`https://example.vn/${long(2030)}`]],
  ['u', { e: 'event', m: 'buy' }, [undefined]],
  ['r', {}, [5, null, {}]],
  ['n', {}, [5, []]],
  ['w', {}, [0, -1, 20_001, '800']],
  ['l', {}, [5]],
  ['z', {}, [5]],
  ['a', {}, [-1, 86_400_001, 0.5, '0', null]],
  ['d', { e: 'leave' }, [undefined, 0, 3601, '5']],
  ['m', { e: 'event' }, [undefined, long(65), 5]],
  ['o', { e: 'event', m: 'buy' }, [[], 'x', keys(11), keys(1, 33), { a: null }, { a: {} }, { a: [1] }]],
  ['b', {}, [-1, 256, 1.5, '1']],
  ['g', {}, [2, '1', true]],
]

/** Limits that are still right, and what is cut, cleaned or ignored. */
export const RIGHT: [string, object][] = [
  ['a site id of 2', { s: 'ab' }],
  ['a site id of 32', { s: 'A-site_with-an-id-of-32-characters'.slice(0, 32) }],
  ['an id without dashes', { i: uuid7().replaceAll('-', '') }],
  ['an id in capitals', { i: uuid7().toUpperCase() }],
  ['a URL of 2,048', { u: `https://example.vn/${long(2029)}` }],
  ['a URL with a port, a user and a fragment', { u: 'http://u:p@example.vn:8080/a?b=c#d' }],
  ['a referrer that is too long', { r: `https://example.vn/${long(3000)}` }],
  ['a referrer that is none', { r: 'about:blank' }],
  ['a title that is too long', { n: 'ế'.repeat(1000) }],
  ['a title that would be cut inside a character', { n: `${long(199)}😀` }],
  ['lone surrogates, NUL and control characters', { n: 'a\uD800b\u0000c\u001Fd\u009F' }],
  ['a language and a zone that are too long', { l: long(100), z: long(100) }],
  ['the ends of the widths', { w: 20_000 }],
  ['the greatest age', { a: 86_400_000 }],
  ['the longest engaged time', { e: 'leave', d: 3600 }],
  ['a name of 64', { e: 'event', m: long(64) }],
  ['ten properties', { e: 'event', m: 'buy', o: { ...keys(8, 32), text: long(1000), yes: true } }],
  ['all other hints', { b: 254 }],
  ['keys that nobody knows', { x: [{}], V: 2 }],
  ['a URL of a heartbeat, whatever it is', { e: 'heartbeat', u: 5 }],
  ['a URL of a leave, whatever it is', { e: 'leave', d: 1, u: 'nowhere' }],
]
