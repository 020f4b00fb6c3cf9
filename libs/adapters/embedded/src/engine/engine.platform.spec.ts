import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { locateEngine } from './engine.platform.js'

const linux = { os: 'linux', cpu: 'x64', glibc: '2.36' }

describe('locateEngine', () => {
  it.each([
    [{ os: 'darwin', cpu: 'arm64', glibc: undefined }, 'darwin arm64'],
    [{ os: 'win32', cpu: 'x64', glibc: undefined }, 'win32 x64'],
    [{ os: 'linux', cpu: 'arm64', glibc: '2.36' }, 'linux arm64'],
    [{ os: 'linux', cpu: 'x64', glibc: undefined }, 'linux x64 without glibc'],
  ])('refuses %o by name and says what is supported', (platform, name) => {
    expect(() => locateEngine(platform)).toThrow(
      `The ClickHouse engine does not support ${name}. The embedded mode runs on Linux x64 with glibc.`,
    )
  })

  it('names the package that is missing', () => {
    const nothingInstalled = createRequire('/nowhere/index.js')
    expect(() => locateEngine(linux, nothingInstalled)).toThrow(
      /^The package @chdb\/lib-linux-x64-gnu is not installed\. Install again with optional dependencies\./,
    )
  })
})
