import type { Answer } from './http.js'
import { request, requestJson } from './http.js'

/** An offset entry as `/v1/sites/{id}/offsets` shows it. */
export interface Offset {
  id: string
  field: string
  path?: string
  shown: number | null
  add: number
  reason: string
  day: string
  createdAt: string
  by: string
  reversedAt: string | null
  reversedBy: string | null
}

/** Whose offsets, and with which key. */
export interface OffsetDoor {
  url: string
  siteId: string
  key: string
}

const address = ({ url, siteId }: OffsetDoor) => `${url}/v1/sites/${siteId}/offsets`

/** Sends an object or an array, with an `Idempotency-Key` when given. */
export function postOffsets(door: OffsetDoor, body: unknown, idempotencyKey?: string): Promise<Answer> {
  return request({
    url: address(door),
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${door.key}`,
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    },
    body: JSON.stringify(body),
  })
}

/** Sends `path,shown` lines; `query` begins with `?`. */
export function postOffsetCsv(door: OffsetDoor, csv: string, idempotencyKey?: string, query = ''): Promise<Answer> {
  return request({
    url: address(door) + query,
    method: 'POST',
    headers: {
      'Content-Type': 'text/csv',
      Authorization: `Bearer ${door.key}`,
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    },
    body: csv,
    timeoutMs: 60_000,
  })
}

export async function listOffsets(door: OffsetDoor): Promise<Offset[]> {
  const answer = await requestJson('GET', address(door), undefined, door.key)
  if (answer.status !== 200) throw new Error(`list offsets: ${answer.status} ${answer.text}`)
  return answer.json() as Offset[]
}

export function reverseOffset(door: OffsetDoor, id: string): Promise<Answer> {
  return requestJson('DELETE', `${address(door)}/${id}`, undefined, door.key)
}
