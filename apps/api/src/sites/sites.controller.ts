import { Controller, Delete, Get, Header, HttpCode, Inject, Param, Patch, Post, UseGuards } from '@nestjs/common'
import { parseSite, parseSiteChange, ProblemError, type Site } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { CLOCK, type Clock, SITE_REGISTRY, type SiteRegistry, within } from '#ports'
import { Describe } from '../openapi/describe.js'
import { JsonBody } from '../owner-door/json-body.js'
import { Asker, type Principal } from '../owner-door/principal.js'
import { written } from '../owner-door/registry-away.js'
import { AllowRoles, RolesGuard } from '../owner-door/roles.guard.js'
import { SiteEraser } from './site-eraser.js'
import { siteOrProblem } from './site-lookup.js'
import { SITES } from './sites.operations.js'

/** The tombstone is durable by then, so nobody need wait longer for what goes on anyhow. */
const ERASE_PATIENCE_MS = 1000

/** `/v1/sites` (contract section 5). */
@Controller('v1/sites')
@UseGuards(RolesGuard)
export class SitesController {
  constructor(
    @Inject(SITE_REGISTRY) private readonly registry: SiteRegistry,
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(SiteEraser) private readonly eraser: SiteEraser,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** 201 with the site as it is kept, 409 `site_exists` when the id exists or ever existed. */
  @Post()
  @Describe(SITES.create)
  @Header('Cache-Control', 'no-store')
  async create(@JsonBody() body: unknown): Promise<Site> {
    const parsed = parseSite(body)
    if ('problem' in parsed) throw new ProblemError(parsed.problem)
    const isNew = await written(this.registry.createSite(parsed.site, this.clock.now()))
    if (!isNew) throw new ProblemError({ code: 'site_exists', field: 'id' })
    await this.directory.refreshFromNow()
    return parsed.site
  }

  /** All sites for the admin, an owner's own for an owner; by id. */
  @Get()
  @Describe(SITES.list)
  @AllowRoles('owner')
  @Header('Cache-Control', 'no-store')
  list(@Asker() asker: Principal): Site[] {
    const sites = this.directory.list().filter(({ id }) => asker.siteId === null || id === asker.siteId)
    return sites.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  @Get(':id')
  @Describe(SITES.get)
  @AllowRoles('owner')
  @Header('Cache-Control', 'no-store')
  get(@Param('id') id: string): Promise<Site> {
    return siteOrProblem(this.directory, id)
  }

  /** 200 with the site as it is now. New events are taken by it at once here, within 2 s everywhere. */
  @Patch(':id')
  @Describe(SITES.change)
  @AllowRoles('owner')
  @Header('Cache-Control', 'no-store')
  async change(@Param('id') id: string, @JsonBody() body: unknown): Promise<Site> {
    const parsed = parseSiteChange(body)
    if ('problem' in parsed) throw new ProblemError(parsed.problem)
    const { id: siteId } = await siteOrProblem(this.directory, id)
    const write = this.registry.updateSite(siteId, (site) => ({ ...site, ...parsed.change }), this.clock.now())
    const changed = await written(write)
    if (changed === null) throw new ProblemError({ code: 'site_not_found' })
    await this.directory.refreshFromNow()
    return changed
  }

  /** 204 when the site is gone for good: no door knows it any more, and what is held of it is being erased. */
  @Delete(':id')
  @Describe(SITES.remove)
  @HttpCode(204)
  @AllowRoles('owner')
  @Header('Cache-Control', 'no-store')
  async remove(@Param('id') id: string): Promise<void> {
    const { id: siteId } = await siteOrProblem(this.directory, id)
    const existed = await written(this.registry.deleteSite(siteId, this.clock.now()))
    if (!existed) throw new ProblemError({ code: 'site_not_found' })
    await this.directory.refreshFromNow()
    await within(this.eraser.erase(), ERASE_PATIENCE_MS, undefined)
  }
}
