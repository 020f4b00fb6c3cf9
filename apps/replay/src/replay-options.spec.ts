import { describe, expect, it } from 'vitest'
import { readOptions, UsageError } from './replay-options.js'

const read = (line: string, env: Record<string, string> = {}) => readOptions(line.split(' ').filter(Boolean), env)

describe('the options of a replay', () => {
  it('need a file and a site, and have defaults for the rest', () => {
    expect(read('access.log --site demo')).toEqual({
      file: 'access.log',
      siteId: 'demo',
      url: 'http://127.0.0.1:8080',
      host: 'http://localhost',
      adminKeyFile: 'data/admin.key',
      takeAll: false,
    })
  })

  it('are all read', () => {
    const line =
      'a.gz --site demo --url http://127.0.0.1:9000/ --host https://example.vn --key k --end 2026-11-23T18:20:15+07:00 --last 47h --all'
    expect(read(line)).toMatchObject({
      url: 'http://127.0.0.1:9000',
      host: 'https://example.vn',
      ingestKey: 'k',
      end: Date.UTC(2026, 10, 23, 11, 20, 15) / 1000,
      lastSeconds: 169_200,
      takeAll: true,
    })
    expect(read('a --site demo --end now --last 2d')).toMatchObject({ end: 'now', lastSeconds: 172_800 })
  })

  it('take keys from the environment, the command line before it', () => {
    const env = { REPLAY_KEY: 'e', TRUYCAP_ADMIN_KEY: 'a', TRUYCAP_DATA_DIR: '/var/lib/truycap' }
    expect(read('a --site demo', env)).toMatchObject({
      ingestKey: 'e',
      adminKey: 'a',
      adminKeyFile: '/var/lib/truycap/admin.key',
    })
    expect(read('a --site demo --key k', env)).toMatchObject({ ingestKey: 'k' })
  })

  it.each([
    ['', /FILE/],
    ['a b --site demo', /FILE/],
    ['a', /--site/],
    ['a --site demo --colour red', /--colour/],
    ['a --site demo --end tomorrow', /--end/],
    ['a --site demo --end 2026-11-23T18:20:15', /--end/],
    ['a --site demo --last 47', /--last/],
    ['a --site demo --host example.vn', /--host/],
    ['a --site demo --host https://example.vn/blog', /--host/],
    ['a --site demo --url ftp://example.vn', /--url/],
  ])('refuse %j', (line, message) => {
    expect(() => read(line)).toThrow(UsageError)
    expect(() => read(line)).toThrow(message)
  })

  it('give help before they complain', () => {
    expect(read('--help')).toBe('help')
  })
})
