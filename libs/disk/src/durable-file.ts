import { chmod, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** End of the name of a file that is not finished yet; after a crash it may stay behind. */
export const UNFINISHED = '.new'

/** Replaces a whole file, readable by its owner only: after a crash it is the old one or the new one, synced. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const made = file + UNFINISHED
  const handle = await open(made, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await chmod(made, 0o600)
  await rename(made, file)
  await syncFolder(dirname(file))
}

/**
 * Overwritten before it is unlinked, so that its bytes are gone from the disk's blocks where the file system writes in place.
 * A file that is not there is fine.
 */
export async function destroyFile(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(ignoreMissing)
  if (handle === undefined) return
  try {
    const { size } = await handle.stat()
    await handle.write(Buffer.alloc(size), 0, size, 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await unlink(file)
  await syncFolder(dirname(file))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
