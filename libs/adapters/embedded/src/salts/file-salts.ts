import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isoDate, parseIsoDate } from '#domain'
import type { Salts } from '#ports'

const DAY_MS = 24 * 3600 * 1000
const DAYS_BACK = 3
const DAYS_AHEAD = 7
const MADE_UNTIL = 'made-until'

/** 12:00 UTC of D+3: 48 h after D ended in the last zone (contract section 1, Visitor). */
function destroyedAtMs(day: number): number {
  return (day + 3) * DAY_MS + 12 * 3600 * 1000
}

/**
 * One file of mode 600 per salt, named by its date. `made-until` names the last date that ever had one, so a salt that was
 * lost is told from one that was never made: a lost one is not made again, because its visitors would count twice.
 */
export class FileSalts implements Salts {
  private readonly salts = new Map<number, string>()

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<FileSalts> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const salts = new FileSalts(folder)
    for (const name of await readdir(folder)) {
      const day = parseIsoDate(name)
      if (day !== null) salts.salts.set(day, await readFile(join(folder, name), 'utf8'))
    }
    return salts
  }

  saltOf(day: number): string | null {
    return this.salts.get(day) ?? null
  }

  async maintain(nowMs: number): Promise<void> {
    for (const day of this.salts.keys()) if (destroyedAtMs(day) <= nowMs) await this.destroy(day)
    const today = Math.floor(nowMs / DAY_MS)
    const madeUntil = await this.madeUntil()
    for (let day = Math.max(today - DAYS_BACK, madeUntil + 1); day <= today + DAYS_AHEAD; day++) {
      if (destroyedAtMs(day) > nowMs && !this.salts.has(day)) await this.make(day)
    }
    if (today + DAYS_AHEAD > madeUntil) await this.writeFile(MADE_UNTIL, isoDate(today + DAYS_AHEAD))
  }

  private async make(day: number): Promise<void> {
    const salt = randomBytes(32).toString('hex')
    await this.writeFile(isoDate(day), salt)
    this.salts.set(day, salt)
  }

  /** Overwritten before it is unlinked, so that its bytes are gone from the folder's disk blocks where the file system writes in place. */
  private async destroy(day: number): Promise<void> {
    const file = join(this.folder, isoDate(day))
    const handle = await open(file, 'r+')
    try {
      await handle.write(Buffer.alloc(64), 0, 64, 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await unlink(file)
    this.salts.delete(day)
  }

  private async madeUntil(): Promise<number> {
    const text = await readFile(join(this.folder, MADE_UNTIL), 'utf8').catch(() => '')
    return parseIsoDate(text) ?? Number.NEGATIVE_INFINITY
  }

  private async writeFile(name: string, text: string): Promise<void> {
    const file = join(this.folder, name)
    const handle = await open(`${file}.new`, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(`${file}.new`, 0o600)
    await rename(`${file}.new`, file)
    await syncFolder(this.folder)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
