import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile, SaltFiles } from '#disk'
import { isoDate, parseIsoDate, saltDays } from '#domain'
import type { Salts } from '#ports'

const MADE_UNTIL = 'made-until'

/**
 * The salts of one process, in files. `made-until` names the last date that ever had one, so a salt that was
 * lost is told from one that was never made: a lost one is not made again, because its visitors would count twice.
 */
export class FileSalts implements Salts {
  private constructor(private readonly files: SaltFiles) {}

  static async open(folder: string): Promise<FileSalts> {
    return new FileSalts(await SaltFiles.open(folder))
  }

  saltOf(day: number): string | null {
    return this.files.get(day) ?? null
  }

  async maintain(nowMs: number): Promise<void> {
    await this.files.destroyDue(nowMs)
    const madeUntil = await this.madeUntil()
    const unmade = saltDays(nowMs).filter((day) => day > madeUntil)
    for (const day of unmade) {
      if (this.files.get(day) === undefined) await this.files.put(day, randomBytes(32).toString('hex'))
    }
    const last = unmade.at(-1)
    if (last !== undefined) await replaceFile(join(this.files.folder, MADE_UNTIL), isoDate(last))
  }

  private async madeUntil(): Promise<number> {
    const text = await readFile(join(this.files.folder, MADE_UNTIL), 'utf8').catch(() => '')
    return parseIsoDate(text) ?? Number.NEGATIVE_INFINITY
  }
}
