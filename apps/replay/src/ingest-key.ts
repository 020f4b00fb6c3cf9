import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ask, problemOf } from './events-door.js'
import type { ReplayOptions } from './replay-options.js'
import { UsageError } from './replay-options.js'

export interface HeldKey {
  key: string
  /** Takes back a key that was made for this replay; says what it could not. */
  release(): Promise<string | undefined>
}

const newKeySchema = z.object({ id: z.string(), key: z.string() })

async function adminKeyOf({ adminKey, adminKeyFile }: ReplayOptions): Promise<string> {
  if (adminKey !== undefined) return adminKey
  try {
    return (await readFile(adminKeyFile, 'utf8')).trim()
  } catch {
    throw new UsageError(`no key: give --key or REPLAY_KEY, or an admin key (${adminKeyFile} cannot be read)`)
  }
}

/** The ingest key that was given, or a new one made with the admin key and taken back by `release`. */
export async function holdIngestKey(options: ReplayOptions): Promise<HeldKey> {
  if (options.ingestKey !== undefined) return { key: options.ingestKey, release: async () => undefined }
  const url = `${options.url}/v1/sites/${encodeURIComponent(options.siteId)}/keys`
  const authorization = { Authorization: `Bearer ${await adminKeyOf(options)}` }
  const response = await ask(url, {
    method: 'POST',
    headers: { ...authorization, 'Content-Type': 'application/json' },
    body: JSON.stringify({ role: 'ingest' }),
  })
  if (response instanceof Error) throw response
  if (!response.ok) throw new Error(`could not make an ingest key: ${await problemOf(response)}`)
  const { id, key } = newKeySchema.parse(await response.json())
  const release = async () => {
    const gone = await ask(`${url}/${encodeURIComponent(id)}`, { method: 'DELETE', headers: authorization })
    return gone instanceof Response && gone.ok
      ? undefined
      : `the ingest key ${id}, made for this replay, could not be taken back`
  }
  return { key, release }
}
