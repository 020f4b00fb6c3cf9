import { describe, expect, it } from 'vitest'
import { parseCombinedLine } from './combined-log.js'

const line = (request: string, tail = '200 12 "-" "Firefox"', head = '192.0.2.1 - - [17/May/2015:10:05:03 +0000]') =>
  parseCombinedLine(`${head} ${request} ${tail}`)

describe('a combined log line', () => {
  it('is read whole', () => {
    expect(
      parseCombinedLine(
        '83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /presentations/?a=1 HTTP/1.1" 200 203023 "http://semicomplete.com/" "Mozilla/5.0 (X11)"',
      ),
    ).toEqual({
      address: '83.149.9.216',
      atSeconds: 1_431_857_103,
      method: 'GET',
      target: '/presentations/?a=1',
      status: 200,
      referrer: 'http://semicomplete.com/',
      userAgent: 'Mozilla/5.0 (X11)',
    })
  })

  it.each([
    ['[17/May/2015:10:05:03 +0000]', '2015-05-17T10:05:03Z'],
    ['[17/May/2015:10:05:03 +0700]', '2015-05-17T03:05:03Z'],
    ['[17/May/2015:23:05:03 -0330]', '2015-05-18T02:35:03Z'],
    ['[29/Feb/2028:00:00:00 +0545]', '2028-02-28T18:15:00Z'],
    ['[31/Dec/2016:23:59:60 +0000]', '2017-01-01T00:00:00Z'],
  ])('reads %s as %s', (stamp, instant) => {
    const atSeconds = line('"GET / HTTP/1.1"', undefined, `192.0.2.1 - - ${stamp}`)?.atSeconds
    expect(atSeconds).toBe(Date.parse(instant) / 1000)
  })

  it.each([
    ['an IPv6 client', '2001:db8::7 - - ', '2001:db8::7'],
    ['a logged-in user with a blank in the name', '192.0.2.1 - nguyen an ', '192.0.2.1'],
    ['a virtual host in front', 'example.vn:443 192.0.2.1 - - ', '192.0.2.1'],
    ['a host name in place of the client', 'crawl-1.example.com - - ', undefined],
  ])('finds the address of %s', (_, head, address) => {
    expect(line('"GET / HTTP/1.1"', undefined, `${head}[17/May/2015:10:05:03 +0000]`)?.address).toBe(address)
  })

  it('leaves out what the log writes as none', () => {
    expect(line('"GET / HTTP/1.1"', '304 - "-" "-"')).toEqual({
      address: '192.0.2.1',
      atSeconds: 1_431_857_103,
      method: 'GET',
      target: '/',
      status: 304,
    })
  })

  it.each([
    [String.raw`"say \"hi\" \\ x"`, String.raw`say "hi" \ x`],
    [String.raw`"C\xE1\xBB\x91c C\xe1\xbb\x91c"`, 'Cốc Cốc'],
    [String.raw`"\x22a\x5Cb"`, String.raw`"a\b`],
    [String.raw`"bad \xe4 byte"`, 'bad \uFFFD byte'],
    [String.raw`"tab\tend"`, 'tab\tend'],
    [`"${Buffer.from('Tiếng Việt').toString('latin1')}"`, 'Tiếng Việt'],
  ])('undoes the escapes of %s', (field, userAgent) => {
    expect(line('"GET / HTTP/1.1"', `200 12 "-" ${field}`)?.userAgent).toBe(userAgent)
  })

  it.each([
    ['"GET /a b HTTP/1.1"', 'GET', '/a b'],
    ['"GET /old"', 'GET', '/old'],
    ['"HEAD / HTTP/2.0"', 'HEAD', '/'],
    ['"GET http://example.vn/ HTTP/1.1"', 'GET', 'http://example.vn/'],
    ['"-"', undefined, undefined],
    ['""', undefined, undefined],
    [String.raw`"\x16\x03\x01\x02"`, undefined, undefined],
  ])('reads the request %s', (request, method, target) => {
    const read = line(request)
    expect(read?.status).toBe(200)
    expect([read?.method, read?.target]).toEqual([method, target])
  })

  it('passes over the fields that a server adds at the end', () => {
    expect(line('"GET / HTTP/1.1"', '200 12 "-" "Firefox" "203.0.113.9" 0.004')?.userAgent).toBe('Firefox')
    expect(line('"GET / HTTP/1.1"', '200 12 "-" "Firefox" rt=0.004 "x \\" y')?.userAgent).toBe('Firefox')
  })

  it.each([
    ['cut off in the User-Agent', '"GET / HTTP/1.1"', '200 235 "-" "Mozilla/5.0 (compatible; Googlebot/2.1'],
    ['in the common format', '"GET / HTTP/1.1"', '200 12'],
    ['with an open request', '"GET / HTTP/1.1', '200 12 "-" "Firefox"'],
    ['with a status of four digits', '"GET / HTTP/1.1"', '2000 12 "-" "Firefox"'],
  ])('is none when it is %s', (_, request, tail) => {
    expect(line(request, tail)).toBeUndefined()
  })

  it.each(['31/Feb/2015:10:05:03 +0000', '17/Mai/2015:10:05:03 +0000', '17/May/2015:24:05:03 +0000', '17/May/2015'])(
    'is none on the date %s',
    (stamp) => {
      expect(line('"GET / HTTP/1.1"', undefined, `192.0.2.1 - - [${stamp}]`)).toBeUndefined()
    },
  )

  it.each(['', '-', 'error: out of memory', '\0\0\0\0'])('is none when it is %j', (text) => {
    expect(parseCombinedLine(text)).toBeUndefined()
  })

  it('is judged in no time however hostile it is', () => {
    const startedAt = performance.now()
    expect(line(`"${'\\"'.repeat(30_000)}`)).toBeUndefined()
    expect(parseCombinedLine(' ['.repeat(30_000))).toBeUndefined()
    expect(line('"GET / HTTP/1.1"', `200 12 "-" "${'a '.repeat(30_000)}`)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})
