import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'

/** Path of the folder that holds the built `t.js` and `w.js`. */
export const WEB_ASSETS = Symbol('WebAssets')

export type ScriptName = 't.js' | 'w.js'

export interface Script {
  readonly body: Buffer
  readonly etag: string
}

/** The built scripts in memory. Without them no page could report anything, so their absence ends the start. */
@Injectable()
export class WebAssets implements OnModuleInit {
  private readonly scripts = new Map<ScriptName, Script>()

  constructor(@Inject(WEB_ASSETS) private readonly folder: string) {}

  async onModuleInit(): Promise<void> {
    for (const name of ['t.js', 'w.js'] as const) {
      const body = await readFile(join(this.folder, name)).catch((error: unknown) => {
        throw new Error(`The script ${name} is not built (run: npm run build).`, { cause: error })
      })
      this.scripts.set(name, { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` })
    }
  }

  script(name: ScriptName): Script {
    return this.scripts.get(name)!
  }
}
