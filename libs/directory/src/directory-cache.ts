import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '#disk'
import { SITE_DEFAULTS } from '#domain'
import type { RegistryContent } from '#ports'

/** The registry's last known content on this process's own disk. */
export interface DirectoryCache {
  /** Null when nothing (readable) is kept. Settings that the version which wrote it did not know are at their defaults. */
  read(): Promise<RegistryContent | null>
  write(content: RegistryContent): Promise<void>
}

/** One JSON file of mode 600, replaced atomically. */
export function fileDirectoryCache(file: string): DirectoryCache {
  return {
    async read() {
      try {
        const content = JSON.parse(await readFile(file, 'utf8')) as RegistryContent
        if (!Array.isArray(content.sites) || !Array.isArray(content.keys)) return null
        return { sites: content.sites.map((site) => ({ ...SITE_DEFAULTS, ...site })), keys: content.keys }
      } catch {
        return null
      }
    },
    async write(content) {
      await mkdir(dirname(file), { recursive: true })
      await replaceFile(file, JSON.stringify(content))
    },
  }
}
