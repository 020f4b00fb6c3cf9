import { createHash, timingSafeEqual } from 'node:crypto'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { KeyRole } from '#ports'

/** The text of the admin key (contract section 5, `TRUYCAP_ADMIN_KEY`). */
export const ADMIN_KEY = Symbol('AdminKey')

/** Who asks: the role of the key, its id, and the site that it belongs to (both null = the admin's, which belongs to none). */
export interface Principal {
  readonly role: KeyRole
  readonly keyId: string | null
  readonly siteId: string | null
}

const principals = new WeakMap<FastifyRequest, Principal>()

export function rememberPrincipal(request: FastifyRequest, principal: Principal): void {
  principals.set(request, principal)
}

/** The principal that the guard found; only on routes behind it. */
export const Asker = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principals.get(context.switchToHttp().getRequest<FastifyRequest>())
  if (principal === undefined) throw new Error('This route is not behind the roles guard.')
  return principal
})

/** Compares keys by their SHA-256, so that neither length nor content shows in the time it takes. */
export function isSameKey(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
