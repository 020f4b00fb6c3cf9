import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MEBIBYTE = 1024 * 1024
const PAGE = 4096
const FILLER = 'filler'

function writeUntilFull(file: number, chunk: Uint8Array): void {
  try {
    for (;;) writeSync(file, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** Leaves no room at all on the disk of a folder; only for a `tempDisk`. */
export function fillDisk(folder: string): void {
  const file = openSync(join(folder, FILLER), 'a')
  writeUntilFull(file, new Uint8Array(MEBIBYTE))
  writeUntilFull(file, new Uint8Array(PAGE))
  closeSync(file)
}

export function freeDisk(folder: string): void {
  rmSync(join(folder, FILLER), { force: true })
}
