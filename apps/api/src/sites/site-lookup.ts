import { ProblemError, type Site, SITE_ID } from '#domain'
import type { SiteDirectory } from '#directory'
import { REGISTRY_AWAY } from '../owner-door/registry-away.js'

/** The site of a path parameter; throws `site_not_found`, or 503 when that cannot be known. */
export async function siteOrProblem(directory: SiteDirectory, id: string): Promise<Site> {
  const site = SITE_ID.test(id) ? await directory.find(id) : 'not_found'
  if (site === 'not_found') throw new ProblemError({ code: 'site_not_found' })
  if (site === 'unknowable') throw new ProblemError(REGISTRY_AWAY)
  return site
}
