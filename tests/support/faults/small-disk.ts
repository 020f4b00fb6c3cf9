import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '../harness/index.js'

const PAGE = 4096
const FILLER = 'filler'
/** Too little for the engine to begin a part (it reserves 1 MiB), enough to end one. */
const LAST_ROOM_BYTES = 900 * 1024
const LAST_ROOM_MS = 300

function writeUntilLeft(folder: string, leftBytes: number): void {
  const file = openSync(join(folder, FILLER), 'a')
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(folder)
      const room = bavail * bsize - leftBytes
      if (room <= 0 && leftBytes > 0) return
      writeSync(file, new Uint8Array(Math.max(PAGE, Math.min(room, 8 * 1024 * 1024))))
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

/**
 * Leaves no room at all on the disk of a folder; only for a `tempDisk`. The last of it goes a moment later, as on a disk
 * that fills up: the engine commits a part although its last pages found no room when that happens in mid write.
 */
export async function fillDisk(folder: string): Promise<void> {
  writeUntilLeft(folder, LAST_ROOM_BYTES)
  await pause(LAST_ROOM_MS)
  writeUntilLeft(folder, 0)
}

export function freeDisk(folder: string): void {
  rmSync(join(folder, FILLER), { force: true })
}
