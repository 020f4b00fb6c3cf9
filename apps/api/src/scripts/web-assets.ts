import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import { KeptScripts } from './kept-scripts.js'
import { type Script, type ScriptName, scriptOf } from './script-copy.js'

/** Token of `WebFolders`. */
export const WEB_ASSETS = Symbol('WebAssets')

/** `built` holds the built `t.js`, `w.js` and `version.txt`; in `kept` stays every script that was ever served. */
export interface WebFolders {
  readonly built: string
  readonly kept: string
}

const NAMES = ['t.js', 'w.js'] as const

/** The built scripts in memory, with older copies. Without the built ones no page could report anything: the start ends. */
@Injectable()
export class WebAssets implements OnModuleInit {
  private readonly logger = new Logger('WebAssets')
  private readonly running = new Map<ScriptName, Script>()
  private readonly copies = new Map<string, Script>()
  private packageVersion = ''

  constructor(@Inject(WEB_ASSETS) private readonly folders: WebFolders) {}

  async onModuleInit(): Promise<void> {
    this.packageVersion = (await this.built('version.txt')).toString().trim()
    for (const name of NAMES) {
      const script = scriptOf(await this.built(name), this.packageVersion)
      this.running.set(name, script)
      this.copies.set(`${name}/${script.version}`, script)
    }
    await this.joinKept().catch((error: unknown) => {
      this.logger.warn(`Older copies of the scripts are not served, or this one will not be: ${String(error)}`)
    })
  }

  /** The script of this build. */
  script(name: ScriptName): Script {
    return this.running.get(name)!
  }

  /** The script of a version, of this build or an earlier one; undefined when it was never served from here. */
  copy(name: ScriptName, version: string): Script | undefined {
    return this.copies.get(`${name}/${version}`)
  }

  /** Whether it is the package's version alone, which names no bytes: development changes them under it. */
  isPackageVersion(version: string): boolean {
    return version === this.packageVersion
  }

  private async joinKept(): Promise<void> {
    const kept = new KeptScripts(this.folders.kept)
    for (const { name, script } of await kept.load()) this.copies.set(`${name}/${script.version}`, script)
    for (const [name, script] of this.running) await kept.keep(name, script)
  }

  private built(file: string): Promise<Buffer> {
    return readFile(join(this.folders.built, file)).catch((error: unknown) => {
      throw new Error(`The script ${file} is not built (run: npm run build).`, { cause: error })
    })
  }
}
