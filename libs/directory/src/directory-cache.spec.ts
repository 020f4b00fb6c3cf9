import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SITE_DEFAULTS } from '#domain'
import { fileDirectoryCache } from './directory-cache.js'

describe('fileDirectoryCache', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truycap-directory-'))
    file = join(folder, 'made', 'directory.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives back what was written, over what was there', async () => {
    const cache = fileDirectoryCache(file)
    await cache.write({ sites: [], keys: [] })
    await cache.write({ sites: [{ ...SITE_DEFAULTS, id: 'demo' }], keys: [] })
    expect(await fileDirectoryCache(file).read()).toEqual({ sites: [{ ...SITE_DEFAULTS, id: 'demo' }], keys: [] })
    expect(await readdir(join(folder, 'made'))).toEqual(['directory.json'])
  })

  it('gives sites that an earlier version wrote the settings which that one did not know', async () => {
    await mkdir(join(folder, 'made'))
    await writeFile(file, '{"sites":[{"id":"demo","name":"Demo"}],"keys":[]}')
    expect((await fileDirectoryCache(file).read())?.sites).toEqual([{ ...SITE_DEFAULTS, id: 'demo', name: 'Demo' }])
  })

  it('is readable by its owner only', async () => {
    await fileDirectoryCache(file).write({ sites: [], keys: [] })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['is not there', null],
    ['is torn', '{"sites":['],
    ['has another shape', '{}'],
    ['is no object', 'null'],
  ])('reads null when the file %s', async (_, text) => {
    const torn = join(folder, 'directory.json')
    if (text !== null) await writeFile(torn, text)
    expect(await fileDirectoryCache(torn).read()).toBeNull()
  })
})
