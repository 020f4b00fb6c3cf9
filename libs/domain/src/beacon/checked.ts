import type { Problem, ProblemCode } from '../problem/problem.js'

/** What an intake check says: the value, or the problem as a value. Nothing in this folder throws. */
export type Checked<T> = { readonly ok: true; readonly value: T } | Refused

export interface Refused {
  readonly ok: false
  readonly problem: Problem
}

export function accepted<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export function refused(code: ProblemCode): Refused {
  return { ok: false, problem: { code } }
}

/** `field` is the short name on the wire, as the sender wrote it. */
export function wrongField(field: string): Refused {
  return { ok: false, problem: { code: 'bad_field', field } }
}
