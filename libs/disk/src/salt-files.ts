import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isoDate, parseIsoDate, saltDueAtMs } from '#domain'
import { destroyFile, replaceFile, UNFINISHED } from './durable-file.js'

const SALT = /^[0-9a-f]{64}$/

/** Daily salts as one file of mode 600 each, named by its date, and in memory. */
export class SaltFiles {
  private readonly salts = new Map<number, string>()
  /** Being destroyed: no longer told to anybody. */
  private readonly doomed = new Set<number>()

  private constructor(readonly folder: string) {}

  /** What a crash left unfinished is destroyed: it may hold a salt, and no date would ever come for it. */
  static async open(folder: string): Promise<SaltFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const files = new SaltFiles(folder)
    for (const name of await readdir(folder)) {
      if (name.endsWith(UNFINISHED)) await destroyFile(join(folder, name))
      else await files.read(name)
    }
    return files
  }

  get(day: number): string | undefined {
    return this.doomed.has(day) ? undefined : this.salts.get(day)
  }

  /** Of all that are on the disk. */
  days(): number[] {
    return [...this.salts.keys()]
  }

  /** On disk when it resolves, in the place of what was there. */
  async put(day: number, salt: string): Promise<void> {
    if (this.salts.get(day) === salt) return
    await replaceFile(join(this.folder, isoDate(day)), salt)
    this.salts.set(day, salt)
  }

  /** Destroys what is due by that time. */
  async destroyDue(nowMs: number): Promise<void> {
    for (const day of this.days()) if (saltDueAtMs(day) <= nowMs) await this.destroy(day)
  }

  /** Forgotten at once, and gone from the disk when it resolves; after a rejection it is tried again by the next call. */
  async destroy(day: number): Promise<void> {
    this.doomed.add(day)
    await destroyFile(join(this.folder, isoDate(day)))
    this.salts.delete(day)
    this.doomed.delete(day)
  }

  /** A torn or foreign file is no salt: then that day has none here. */
  private async read(name: string): Promise<void> {
    const day = parseIsoDate(name)
    if (day === null) return
    const text = await readFile(join(this.folder, name), 'utf8')
    if (SALT.test(text)) this.salts.set(day, text)
  }
}
