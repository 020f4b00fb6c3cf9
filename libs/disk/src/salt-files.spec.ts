import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dayOf } from '#domain'
import { SaltFiles } from './salt-files.js'

const DAY = dayOf(2026, 11, 23)
const SALT = 'ab'.repeat(32)

describe('salts in files', () => {
  let folder: string
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'truycap-salts-')), 'salts')
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  it('are there again after a new start, readable by their owner only', async () => {
    await (await SaltFiles.open(folder)).put(DAY, SALT)
    expect((await SaltFiles.open(folder)).get(DAY)).toBe(SALT)
    expect((await stat(join(folder, '2026-11-23'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('leave nothing behind that a crash cut off before it had its name', async () => {
    await (await SaltFiles.open(folder)).put(DAY, SALT)
    await writeFile(join(folder, '2026-11-24.new'), 'cd'.repeat(32))
    const files = await SaltFiles.open(folder)
    expect(await readdir(folder)).toEqual(['2026-11-23'])
    expect(files.days()).toEqual([DAY])
  })

  it('are none when the file is torn', async () => {
    await (await SaltFiles.open(folder)).put(DAY, SALT)
    await writeFile(join(folder, '2026-11-23'), SALT.slice(1))
    expect((await SaltFiles.open(folder)).get(DAY)).toBeUndefined()
  })

  it('are told to nobody any more once they are destroyed, though the disk refuses, and go with the next try', async () => {
    const files = await SaltFiles.open(folder)
    await files.put(DAY, SALT)
    await rm(join(folder, '2026-11-23'))
    await SaltFiles.open(join(folder, '2026-11-23')) // a folder in its place cannot be overwritten
    await expect(files.destroy(DAY)).rejects.toThrow(/EISDIR/)
    expect(files.get(DAY)).toBeUndefined()
    expect(files.days()).toEqual([DAY])
    await rm(join(folder, '2026-11-23'), { recursive: true })
    await files.destroy(DAY)
    expect(files.days()).toEqual([])
  })
})
