import { Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common'
import { ProblemError } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { CLOCK, type Clock, SITE_REGISTRY, type SiteRegistry, type StoredKey } from '#ports'
import { Describe } from '../openapi/describe.js'
import { JsonBody } from '../owner-door/json-body.js'
import { written } from '../owner-door/registry-away.js'
import { AllowRoles, RolesGuard } from '../owner-door/roles.guard.js'
import { KEYS } from './keys.operations.js'
import { newKey, parseRole } from './new-key.js'
import { siteOrProblem } from './site-lookup.js'

export interface ShownKey {
  readonly id: string
  readonly role: StoredKey['role']
  /** RFC 3339, UTC. */
  readonly createdAt: string
}

/** `/v1/sites/{id}/keys` (contract section 5): a key's text is in the answer that makes it and nowhere else. */
@Controller('v1/sites/:id/keys')
@UseGuards(RolesGuard)
@AllowRoles('owner')
export class KeysController {
  constructor(
    @Inject(SITE_REGISTRY) private readonly registry: SiteRegistry,
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Describe(KEYS.create)
  @Header('Cache-Control', 'no-store')
  async create(
    @Param('id') siteId: string,
    @JsonBody() body: unknown,
  ): Promise<Pick<StoredKey, 'id' | 'role'> & { key: string }> {
    const role = parseRole(body)
    const site = await siteOrProblem(this.directory, siteId)
    const { text, stored } = newKey(site.id, role, this.clock.now())
    await written(this.registry.addKey(stored))
    await this.directory.refreshFromNow()
    return { id: stored.id, role, key: text }
  }

  /** Oldest first. */
  @Get()
  @Describe(KEYS.list)
  @Header('Cache-Control', 'no-store')
  async list(@Param('id') siteId: string): Promise<ShownKey[]> {
    const site = await siteOrProblem(this.directory, siteId)
    const keys = this.directory.keysOf(site.id).sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
    return keys.map(({ id, role, createdAtMs }) => ({ id, role, createdAt: new Date(createdAtMs).toISOString() }))
  }

  /** 404 when the site has no such key. */
  @Delete(':keyId')
  @Describe(KEYS.remove)
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  async remove(@Param('id') siteId: string, @Param('keyId') keyId: string): Promise<void> {
    const site = await siteOrProblem(this.directory, siteId)
    const existed = await written(this.registry.removeKey(site.id, keyId, this.clock.now()))
    if (!existed) throw new ProblemError({ code: 'route_not_found' })
    await this.directory.refreshFromNow()
  }
}
