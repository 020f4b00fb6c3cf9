import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scriptOf } from './script-copy.js'
import { WebAssets } from './web-assets.js'

Logger.overrideLogger(false)

describe('WebAssets', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truycap-assets-'))
    await build('1.0.0', 'one()')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const build = async (version: string, tracker: string): Promise<void> => {
    await writeFile(join(folder, 'version.txt'), `${version}\n`)
    await writeFile(join(folder, 't.js'), tracker)
    await writeFile(join(folder, 'w.js'), 'widget()')
  }
  const start = async (): Promise<WebAssets> => {
    const assets = new WebAssets({ built: folder, kept: join(folder, 'kept') })
    await assets.onModuleInit()
    return assets
  }

  it('ends the start when the scripts are not built, and says what to do', async () => {
    await rm(join(folder, 't.js'))
    await expect(start()).rejects.toThrow('t.js is not built (run: npm run build)')
  })

  it('names a script by the version of the package and its bytes', async () => {
    const { version, sha256 } = (await start()).script('t.js')
    // printf 'one()' | sha256sum, and | openssl dgst -sha256 -binary | base64
    expect(version).toBe('1.0.0-1d1ee269ab24f5d6')
    expect(sha256).toBe('HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4=')
  })

  it('gives changed bytes another version, though the package has the same', async () => {
    const before = (await start()).script('t.js').version
    await build('1.0.0', 'two()')
    const assets = await start()
    expect(assets.script('t.js').version).not.toBe(before)
    expect(assets.copy('t.js', before)?.body.toString()).toBe('one()')
  })

  it('serves what it ever served, after any number of upgrades', async () => {
    const versions: string[] = []
    for (const [version, text] of [
      ['1.0.0', 'one()'],
      ['1.1.0', 'two()'],
      ['2.0.0', 'three()'],
    ] as const) {
      await build(version, text)
      versions.push((await start()).script('t.js').version)
    }
    const assets = await start()
    expect(versions.map((version) => assets.copy('t.js', version)?.body.toString())).toEqual([
      'one()',
      'two()',
      'three()',
    ])
    expect(assets.copy('w.js', versions[0]!)).toBeUndefined()
  })

  it('serves no kept file that is not what its name says', async () => {
    const { version } = (await start()).script('t.js')
    await build('1.1.0', 'two()')
    await writeFile(join(folder, 'kept', `t-${version}.js`), 'evil()')
    await writeFile(join(folder, 'kept', 't-1.0.0.js'), 'evil()')
    const assets = await start()
    expect(assets.copy('t.js', version)).toBeUndefined()
    expect(assets.copy('t.js', '1.0.0')).toBeUndefined()
    expect(assets.copy('t.js', scriptOf(Buffer.from('evil()'), '1.0.0').version)).toBeUndefined()
  })

  it('starts without a folder for copies, and leaves nothing unfinished in one', async () => {
    await start()
    expect((await readdir(join(folder, 'kept'))).filter((file) => !file.endsWith('.js'))).toEqual([])
    await rm(join(folder, 'kept'), { recursive: true })
    await writeFile(join(folder, 'kept'), 'no folder')
    expect((await start()).script('t.js').body.toString()).toBe('one()')
  })
})
