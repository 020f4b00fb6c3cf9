import type { ZodType } from 'zod'
import type { ProblemCode } from '#domain'

/** The doors of the product, in the order in which the documents name them. */
export const DOORS = {
  browser: 'Browser door: what a page reports.',
  server: 'Server door: what a server reports.',
  widget: 'Widget door: numbers and scripts for pages, public and cacheable.',
  owner: 'Owner door: sites and keys.',
} as const

export type Door = keyof typeof DOORS

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  /** What is sent. A list in a query is the key several times. */
  readonly schema: ZodType
  readonly isRequired?: boolean
  readonly example?: unknown
}

/** One type that a body may have. */
export interface Media {
  readonly type: string
  /** Absent = text or bytes that no schema tells more of. */
  readonly schema?: ZodType
  readonly example?: unknown
}

export interface Answer {
  readonly description: string
  readonly media?: readonly Media[]
  readonly headers?: Readonly<Record<string, string>>
  /** Operations that go on with what this one made: parameter names and where their values are found. */
  readonly links?: Readonly<
    Record<string, { readonly operationId: string; readonly parameters: Record<string, string> }>
  >
}

/** What a handler does, without its address; texts are for people who have never seen the product. */
export interface Description {
  readonly operationId: string
  readonly door: Door
  readonly summary: string
  readonly description?: string
  /** Who may: a bearer key of one of these roles, or anybody without one. */
  readonly roles: 'anybody' | readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly body?: readonly Media[]
  readonly answers: Readonly<Record<number, Answer>>
  readonly problems: readonly ProblemCode[]
}

/** One method of one address (`/v1/sites/{id}`). */
export interface Operation extends Description {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
}

/** What the guard of a route with keys, and the body of one that takes JSON, can come to. */
export const KEY_PROBLEMS = ['unauthorized', 'forbidden', 'log_unavailable'] as const satisfies ProblemCode[]
export const BODY_PROBLEMS = [
  'bad_json',
  'bad_field',
  'too_large',
  'unsupported_media_type',
] as const satisfies ProblemCode[]
