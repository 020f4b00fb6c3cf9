import type { Logger } from 'pino'
import { folderError, StartError } from '#service'
import { type EmbeddedResources, isFolderLocked, openEmbedded, requirePlatform } from './embedded.resources.js'

/** Opens everything on the folder, or throws a StartError that a person can act on. */
export async function openOrExplain(folder: string, logger: Logger): Promise<EmbeddedResources> {
  try {
    return await openEmbedded(folder, logger)
  } catch (error) {
    if (isFolderLocked(error)) {
      throw new StartError(
        `The data folder ${folder} is in use by another Truycap. Stop it, or set TRUYCAP_DATA_DIR to another folder.`,
      )
    }
    const message = error instanceof Error ? error.message : String(error)
    if (
      /no space left|permission denied|ENOSPC|EACCES|EPERM|EROFS/i.test(
        message + String((error as { code?: string }).code),
      )
    ) {
      throw folderError(folder, error)
    }
    throw new StartError(message, { cause: error })
  }
}

/** Throws a StartError where the embedded mode cannot run, before anything is written. */
export function explainPlatform(): void {
  try {
    requirePlatform()
  } catch (error) {
    throw new StartError((error as Error).message, { cause: error })
  }
}
