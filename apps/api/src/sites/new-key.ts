import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { fieldProblem, ProblemError } from '#domain'
import { hashOfKey } from '#directory'
import type { StoredKey } from '#ports'

export const keyInput = z.strictObject({ role: z.enum(['owner', 'read', 'ingest']) })

/** The role asked for by `POST /v1/sites/{id}/keys`; `bad_field` with the first wrong field (`body` when it is no object). */
export function parseRole(json: unknown): StoredKey['role'] {
  const result = keyInput.safeParse(json)
  if (!result.success) throw new ProblemError(fieldProblem(result.error))
  return result.data.role
}

/** A new key: its text, shown once (`tcp_<role>_` and 256 random bits), and what is kept of it. */
export function newKey(siteId: string, role: StoredKey['role'], nowMs: number): { text: string; stored: StoredKey } {
  const text = `tcp_${role}_${randomBytes(32).toString('base64url')}`
  const id = randomBytes(12).toString('hex')
  return { text, stored: { id, siteId, role, hash: hashOfKey(text), createdAtMs: nowMs } }
}
