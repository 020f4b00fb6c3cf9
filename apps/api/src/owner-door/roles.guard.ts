import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { bearerToken } from '#http'
import type { KeyRole } from '#ports'
import { ADMIN_KEY, isSameKey, type Principal, rememberPrincipal } from './principal.js'
import { REGISTRY_AWAY } from './registry-away.js'

const ROLES = 'truycap:roles'

/** Which roles may use a route, besides `admin`, which may use all. A route that names none is the admin's only. */
export const AllowRoles = (...roles: Exclude<KeyRole, 'admin'>[]) => SetMetadata(ROLES, roles)

/**
 * The one guard of the owner door (contract section 5): no key or an unknown one is 401, a key without the right 403. A
 * site's key has rights on its own site only, whether or not another one exists.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(ADMIN_KEY) private readonly adminKey: string,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { id?: string } }>>()
    const principal = await this.principalOf(request.headers.authorization)
    const roles = this.reflector.getAllAndOverride<KeyRole[] | undefined>(ROLES, [
      context.getHandler(),
      context.getClass(),
    ])
    if (!mayUse(principal, roles ?? [], request.params.id)) throw new ProblemError({ code: 'forbidden' })
    rememberPrincipal(request, principal)
    return true
  }

  private async principalOf(authorization: string | undefined): Promise<Principal> {
    const text = bearerToken(authorization)
    if (text === null) throw new ProblemError({ code: 'unauthorized' })
    if (isSameKey(text, this.adminKey)) return { role: 'admin', keyId: null, siteId: null }
    const key = await this.directory.findKey(text)
    if (key !== undefined) return { role: key.role, keyId: key.id, siteId: key.siteId }
    throw new ProblemError(this.directory.isRead ? { code: 'unauthorized' } : REGISTRY_AWAY)
  }
}

function mayUse(principal: Principal, roles: readonly KeyRole[], siteId: string | undefined): boolean {
  if (principal.role === 'admin') return true
  return roles.includes(principal.role) && (siteId === undefined || siteId === principal.siteId)
}
