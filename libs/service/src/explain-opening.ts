import { FolderLockedError } from '#disk'
import { folderError } from './data-folder.js'
import { StartError } from './start-error.js'

const OF_THE_DISK = /no space left|permission denied|ENOSPC|EACCES|EPERM|EROFS/i

/** Opens everything on a data folder, or throws a StartError that a person can act on. */
export async function explainOpening<T>(folder: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof StartError) throw error
    if (error instanceof FolderLockedError) {
      throw new StartError(
        `The data folder ${folder} is in use by another Truycap. Stop it, or set TRUYCAP_DATA_DIR to another folder.`,
      )
    }
    const message = error instanceof Error ? error.message : String(error)
    if (OF_THE_DISK.test(message + String((error as { code?: string }).code))) throw folderError(folder, error)
    throw new StartError(message, { cause: error })
  }
}
