import { createHash } from 'node:crypto'

export type ScriptName = 't.js' | 'w.js'

/** A script as it is served. */
export interface Script {
  readonly body: Buffer
  readonly etag: string
  /** Names these bytes and no others (contract section 4): the package's version and the beginning of their hash. */
  readonly version: string
  /** SHA-256 in base64, as Subresource Integrity and `Repr-Digest` (RFC 9530) take it. */
  readonly sha256: string
}

const HASH_LENGTH = 16
const VERSION = /^[0-9A-Za-z.+-]{1,40}-([0-9a-f]{16})$/

/** A script with its names; `packageVersion` is for people, the hash is what tells copies apart. */
export function scriptOf(body: Buffer, packageVersion: string): Script {
  const hash = createHash('sha256').update(body).digest()
  return {
    body,
    etag: `"${hash.toString('base64url').slice(0, 22)}"`,
    version: `${packageVersion}-${hash.toString('hex').slice(0, HASH_LENGTH)}`,
    sha256: hash.toString('base64'),
  }
}

/** A script read back under the version it was kept as; null when these are other bytes. */
export function keptScript(body: Buffer, version: string): Script | null {
  const hash = VERSION.exec(version)?.[1]
  if (hash === undefined) return null
  const script = scriptOf(body, version.slice(0, -HASH_LENGTH - 1))
  return script.version === version ? script : null
}
