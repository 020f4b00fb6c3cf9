import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files of a folder that have the text in them as it is, but for LevelDB's notes of which keys a file began with. */
export function filesWith(folder: string, text: string, { deep } = { deep: true }): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: deep })
    .filter((entry) => entry.isFile() && !/^(MANIFEST|LOG\b)/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readOrNothing(file).includes(text))
}

/** A file may be gone by the time it is read: the databases tidy up. */
function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
