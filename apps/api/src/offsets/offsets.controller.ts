import { Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { entryId } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { splitTarget } from '#http'
import type { OffsetCommit } from '#ports'
import { Describe } from '../openapi/describe.js'
import { Asker, type Principal } from '../owner-door/principal.js'
import { AllowRoles, RolesGuard } from '../owner-door/roles.guard.js'
import { siteOrProblem } from '../sites/site-lookup.js'
import { idempotencyKeyOf, readOffsetBody } from './offset-body.js'
import { OffsetList, readPage, shownAtCreation, type ShownOffset } from './offset-list.js'
import { OffsetWriter } from './offset-writer.js'
import { OFFSETS } from './offsets.operations.js'

/** What a CSV made: the n-th row is the entry n places after `first`. */
export interface ShownImport {
  readonly count: number
  readonly first: string
  readonly last: string
}

/** `/v1/sites/{id}/offsets` (contract section 5): the numbers that an owner carries over from an older counter. */
@Controller('v1/sites/:id/offsets')
@UseGuards(RolesGuard)
@AllowRoles('owner')
export class OffsetsController {
  constructor(
    @Inject(OffsetWriter) private readonly writer: OffsetWriter,
    @Inject(OffsetList) private readonly entries: OffsetList,
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
  ) {}

  /** 201 with the entry of an object, the entries of an array, or what a CSV came to. */
  @Post()
  @Describe(OFFSETS.create)
  @Header('Cache-Control', 'no-store')
  async create(
    @Param('id') siteId: string,
    @Asker() asker: Principal,
    @Req() request: FastifyRequest,
  ): Promise<ShownOffset | readonly ShownOffset[] | ShownImport> {
    const key = idempotencyKeyOf(request.headers)
    const body = await readOffsetBody(request)
    const site = await siteOrProblem(this.directory, siteId)
    const requests = await body.requests(site)
    const idempotency = key === null ? null : { key, bodyHash: body.hash }
    const commit = await this.writer.create(site, { requests, by: nameOf(asker), idempotency })
    if (body.kind === 'csv') return importOf(commit)
    const shown = shownAtCreation(commit)
    return body.kind === 'array' ? shown : shown[0]!
  }

  /** Oldest first, reversed ones marked; at most `limit`, then a `Link` to the next ones. */
  @Get()
  @Describe(OFFSETS.list)
  @Header('Cache-Control', 'no-store')
  async list(
    @Param('id') siteId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<readonly ShownOffset[]> {
    const page = readPage(splitTarget(request.url).query)
    const site = await siteOrProblem(this.directory, siteId)
    const { entries, more } = await this.entries.page(site.id, page)
    if (more) reply.header('link', nextLink(site.id, page.limit, entries.at(-1)!.id))
    return entries
  }

  /** 204 when it is reversed, now or before; it stays listed. */
  @Delete(':entry')
  @Describe(OFFSETS.reverse)
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  async reverse(@Param('id') siteId: string, @Param('entry') id: string, @Asker() asker: Principal): Promise<void> {
    const site = await siteOrProblem(this.directory, siteId)
    await this.writer.reverse(site, id, nameOf(asker))
  }
}

function nameOf(asker: Principal): string {
  return asker.keyId ?? 'admin'
}

function importOf({ revision, lines }: OffsetCommit): ShownImport {
  const count = lines.length
  return { count, first: entryId({ revision, place: 1 }), last: entryId({ revision, place: count }) }
}

function nextLink(siteId: string, limit: number, after: string): string {
  return `</v1/sites/${siteId}/offsets?limit=${limit}&after=${after}>; rel="next"`
}
