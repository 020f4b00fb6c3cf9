import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keptScript, type Script, type ScriptName } from './script-copy.js'

const FILE = /^([tw])-(.+)\.js$/

/**
 * A folder of every script that was ever served from here. A page that names a version by its integrity keeps counting
 * after an upgrade, since an immutable address goes on being answered (contract section 4).
 */
export class KeptScripts {
  constructor(private readonly folder: string) {}

  /** What is kept, by name and version; files that are not what their name says are passed over. */
  async load(): Promise<{ name: ScriptName; script: Script }[]> {
    await mkdir(this.folder, { recursive: true })
    const found: { name: ScriptName; script: Script }[] = []
    for (const file of await readdir(this.folder)) {
      const [, letter, version] = FILE.exec(file) ?? []
      if (version === undefined) continue
      const script = keptScript(await readFile(join(this.folder, file)), version)
      if (script !== null) found.push({ name: `${letter as 't' | 'w'}.js`, script })
    }
    return found
  }

  /** Keeps a script: whole or, when the process dies meanwhile, not at all. */
  async keep(name: ScriptName, script: Script): Promise<void> {
    const file = join(this.folder, `${name.slice(0, 1)}-${script.version}.js`)
    const unfinished = `${file}.${process.pid}.tmp`
    await writeFile(unfinished, script.body)
    await rename(unfinished, file)
  }
}
