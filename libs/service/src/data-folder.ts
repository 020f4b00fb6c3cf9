import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StartError } from './start-error.js'

/** Below this the log, the counters and the engine could not even begin. */
const NEEDED_BYTES = 64 * 1024 * 1024

/** Makes the folder if need be and proves that it can be written and has room. Throws StartError; writes nothing that stays. */
export async function prepareDataFolder(path: string): Promise<string> {
  const folder = resolve(path)
  const probe = join(folder, `.probe-${process.pid}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < NEEDED_BYTES) throw noRoom(folder)
    const handle = await open(probe, 'w', 0o600)
    await handle.writeFile('probe').finally(() => handle.close())
    await rm(probe)
  } catch (error) {
    throw error instanceof StartError ? error : folderError(folder, error)
  }
  return folder
}

/** Turns an error of the file system into what a person can do about it. */
export function folderError(folder: string, error: unknown): StartError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ENOSPC' || /no space left/i.test(String(error))) return noRoom(folder)
  if (['EACCES', 'EPERM', 'EROFS'].includes(code) || /permission denied/i.test(String(error))) {
    return new StartError(
      `The data folder ${folder} cannot be written by this user (${code || 'EACCES'}). Set TRUYCAP_DATA_DIR to another one.`,
    )
  }
  if (['EEXIST', 'ENOTDIR'].includes(code))
    return new StartError(`The data folder ${folder} is not a folder. Set TRUYCAP_DATA_DIR.`)
  return new StartError(`The data folder ${folder} cannot be used: ${String(error)}`, { cause: error })
}

function noRoom(folder: string): StartError {
  return new StartError(
    `The disk of the data folder ${folder} is full: at least ${NEEDED_BYTES / 1024 / 1024} MiB must be free.`,
  )
}

/** The key of the environment, else the one in `admin.key` (mode 600), made at the first start (contract section 5). */
export async function adminKey(
  folder: string,
  given: string | undefined,
): Promise<{ key: string; file: string | null }> {
  if (given !== undefined) return { key: given, file: null }
  const file = join(folder, 'admin.key')
  try {
    return { key: (await readFile(file, 'utf8')).trim(), file }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw folderError(folder, error)
  }
  const key = `tcp_admin_${randomBytes(32).toString('base64url')}`
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(`${key}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { key, file }
}
