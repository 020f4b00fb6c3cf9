import fc from 'fast-check'

const DEEP = 100_000

/** Texts that break parsers, caches, headers, logs or SQL. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud83d',
    'x\udc00y',
    '\u202e\u0007\u009f',
    '\r\nSet-Cookie: a=b\r\n\r\n',
    '../../../etc/passwd',
    '__proto__',
    'constructor',
    'toString',
    "'; DROP TABLE events; --",
    '\\N\t\\',
    '\ufb2c'.repeat(700),
    '\u{1d160}'.repeat(700),
    'a'.repeat(4000),
    '{"a":1}',
    'NaN',
  ),
)

const hostileUrl: fc.Arbitrary<string> = fc.oneof(
  hostileText.map((text) => `https://example.vn/${text}`),
  fc.constantFrom(
    'https://example.vn/%',
    'https://example.vn/%ff%c3%28%00%2e%2e/%E0%A4%A',
    'https://example.vn/?id=%F0%9F%92%A9&__proto__=1&id=%ff',
    'https://user:pass@example.vn:99999/',
    'https://user:pass@example.vn/',
    'http://[::1]/a',
    'http://0x7f.1/',
    'https://xn--/',
    'https://ex\u00e4mple.vn/\u00e4',
    'https://example.vn./index.html/',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.vn/',
    'http:example.vn',
    'https://',
    `https://${'a.'.repeat(900)}vn/`,
    `https://example.vn/${'/'.repeat(2000)}`,
    `https://example.vn/${'%C3%A9'.repeat(300)}`,
  ),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
)

const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1.5, 2, 255, 256, 20_000, 20_001, 86_400_000, 86_400_001, 2 ** 31, 2 ** 53, 1e21, 1e308),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, false, [], {}, [[]], [{}], { length: -1 }, { toJSON: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
)

const uuid7: fc.Arbitrary<string> = fc.uuid({ version: 7 })

const goodBeacon = (site: string): fc.Arbitrary<Record<string, unknown>> =>
  fc.record({
    v: fc.constant(1),
    s: fc.constant(site),
    e: fc.constantFrom('view', 'event', 'heartbeat', 'leave'),
    i: uuid7,
    u: fc.constant('https://example.vn/a'),
    m: fc.constant('click'),
    d: fc.constant(5),
  })

const goodServerEvent = (site: string): fc.Arbitrary<Record<string, unknown>> =>
  fc.record({
    site: fc.constant(site),
    type: fc.constantFrom('view', 'event', 'heartbeat'),
    id: fc.uuid(),
    at: fc.constant(0).map(() => new Date().toISOString()),
    url: fc.constant('https://example.vn/b'),
    name: fc.constant('click'),
    ip: fc.ipV4(),
    userAgent: fc.constant('Mozilla/5.0'),
  })

/** Values for one key: what belongs there bent out of shape, or anything at all. */
const valueFor = (key: string): fc.Arbitrary<unknown> => {
  if (key === 'u' || key === 'url' || key === 'r' || key === 'referrer') return fc.oneof(hostileUrl, anyJson)
  if (key === 'o' || key === 'props')
    return fc.oneof(fc.dictionary(hostileText, anyJson, { maxKeys: 12, noNullPrototype: true }), anyJson)
  if (key === 's' || key === 'site')
    return fc.oneof(fc.constantFrom('nobody', 'fuzz', 'strict', '__proto__', 'constructor', 'a'.repeat(33)), anyJson)
  if (key === 'at')
    return fc.oneof(
      fc.constantFrom('1970-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '2026-02-30T00:00:00Z', '+275760-09-13T00:00Z'),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      anyJson,
    )
  return anyJson
}

const BEACON_KEYS = ['v', 's', 'e', 'i', 'u', 'r', 'n', 'w', 'l', 'z', 'a', 'd', 'm', 'o', 'b', 'g']
const EVENT_KEYS = 'site type id at url referrer title ip userAgent visitor language name props privacy'.split(' ')
const STRANGE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', '', '\0', '\ud800']

/** A good object of which up to three keys were replaced, added or taken away. */
const bent = (good: fc.Arbitrary<Record<string, unknown>>, keys: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      good,
      fc.array(
        fc.constantFrom(...keys, ...STRANGE_KEYS).chain((key) => fc.tuple(fc.constant(key), valueFor(key))),
        { maxLength: 3 },
      ),
      fc.option(fc.constantFrom(...keys), { freq: 4 }),
    )
    .map(([object, changes, gone]) => {
      const entries = new Map([...Object.entries(object), ...changes])
      if (gone !== null) entries.delete(gone)
      // Written by hand, so that `__proto__` is a key like any other.
      return `{${[...entries].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`
    })

/** JSON that nobody would write: too deep, too large, doubled, unfinished. */
const monstrous: fc.Arbitrary<string> = fc.constantFrom(
  '['.repeat(DEEP),
  '{"a":'.repeat(DEEP / 10),
  `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  `{"v":1,"s":"fuzz","e":"event","m":"x","o":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`,
  '{"v":1e999,"s":"fuzz","w":-1e999,"a":1e400}',
  `{"v":1,"v":2,"v":1,"s":"fuzz","s":"nobody","e":"view"}`,
  `{"v":${'9'.repeat(4000)}}`,
  `{"v":1,"b":${'0'.repeat(200)}1}`,
  '{"v":1,"s":"fuzz","e":"view","i":"\\ud800\\udfff\\u0000"}',
  `"${'\\u0000'.repeat(1000)}"`,
  'null',
  'true',
  '0',
  '""',
  '[]',
  '[[]]',
  '[null,1,"a",[],{}]',
  '{}',
  '{"__proto__":{"v":1,"s":"fuzz"},"constructor":{"prototype":{"s":1}}}',
  'NaN',
  "{'v':1}",
  '{"v":1,}',
  '/**/{}',
  '',
  ' '.repeat(9000),
  `[${'{},'.repeat(2000)}{}]`,
  `[${'1,'.repeat(20)}1]`,
)

/** What happens to the bytes of a text on the way. */
const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc.tuple(text, fc.nat(), fc.uint8Array({ maxLength: 6 }), fc.nat({ max: 9 })).map(([json, at, junk, kind]) => {
    const bytes = Buffer.from(json)
    const place = bytes.length === 0 ? 0 : at % bytes.length
    if (kind === 0) return bytes.subarray(0, place)
    if (kind === 1) return Buffer.concat([bytes.subarray(0, place), junk, bytes.subarray(place)])
    if (kind === 2) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
    if (kind === 3) return Buffer.from(json, 'utf16le')
    if (kind === 4)
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(place)])
    if (kind === 5) return Buffer.concat([bytes.subarray(0, place), Buffer.from([0xc3]), bytes.subarray(place)])
    return bytes
  })

/** Bodies for `POST /c`: a bent beacon, an array of them, monsters; each perhaps damaged. Never of the site `good`. */
export const beaconBody: fc.Arbitrary<Buffer> = damaged(
  fc.oneof(
    { weight: 6, arbitrary: bent(goodBeacon('fuzz'), BEACON_KEYS) },
    { weight: 2, arbitrary: bent(goodBeacon('strict'), BEACON_KEYS) },
    {
      weight: 3,
      arbitrary: fc
        .array(bent(goodBeacon('fuzz'), BEACON_KEYS), { maxLength: 22 })
        .map((items) => `[${items.join(',')}]`),
    },
    { weight: 2, arbitrary: monstrous },
  ),
)

const eventLines = fc.array(
  fc.oneof({ weight: 8, arbitrary: bent(goodServerEvent('fuzz'), EVENT_KEYS) }, { weight: 1, arbitrary: monstrous }),
  { maxLength: 8 },
)

/** Bodies for `POST /v1/events` as an array. */
export const eventsArrayBody: fc.Arbitrary<Buffer> = damaged(
  fc.oneof(
    { weight: 6, arbitrary: eventLines.map((lines) => `[${lines.join(',')}]`) },
    { weight: 1, arbitrary: monstrous },
  ),
)

/** Bodies for `POST /v1/events` as NDJSON, with all line ends there are. */
export const eventsLinesBody: fc.Arbitrary<Buffer> = damaged(
  fc
    .tuple(eventLines, fc.constantFrom('\n', '\r\n', '\n\n', '\r', '\n \t\n', '\0\n'))
    .map(([lines, end]) => lines.map((line) => `${line}${end}`).join('')),
)

/** Bodies for the owner door: sites and keys, nearly right. The id is never one that is in use elsewhere. */
export const ownerBody: fc.Arbitrary<Buffer> = damaged(
  fc.oneof(
    bent(
      fc.record({
        id: fc.constantFrom('prey', 'a', 'x'.repeat(33), '-', 'prey/../good'),
        timeZone: fc.constantFrom('Asia/Ho_Chi_Minh', 'Mars/Base', '+07:00'),
      }),
      'name hosts timeZone weekStart unit onlineWindowSeconds visitTimeoutSeconds pageQueryKeys bots excludedAddresses'.split(
        ' ',
      ),
    ),
    bent(fc.record({ role: fc.constantFrom('owner', 'admin', 'ingest', 'god') }), ['role']),
    monstrous,
  ),
)

const OFFSET_KEYS = ['field', 'path', 'shown', 'add', 'reason']
const goodOffset = fc.record({
  field: fc.constantFrom('total', 'year', 'month', 'week', 'today', 'views', 'online'),
  path: fc.constantFrom('/a', '//', '%'),
  shown: fc.nat(),
  reason: hostileText,
})
const offsetLine = fc.tuple(hostileText, fc.oneof(fc.nat().map(String), hostileText)).map((cells) => cells.join(','))

/** Bodies for `/v1/sites/{id}/offsets`: entries, arrays of them, lines of CSV. */
export const offsetBody: fc.Arbitrary<Buffer> = damaged(
  fc.oneof(
    { weight: 4, arbitrary: bent(goodOffset, OFFSET_KEYS) },
    {
      weight: 2,
      arbitrary: fc.array(bent(goodOffset, OFFSET_KEYS), { maxLength: 9 }).map((items) => `[${items.join(',')}]`),
    },
    { weight: 2, arbitrary: fc.array(offsetLine, { maxLength: 20 }).map((lines) => `path,shown\n${lines.join('\n')}`) },
    { weight: 1, arbitrary: monstrous },
  ),
)
