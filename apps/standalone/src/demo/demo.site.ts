import { SITE_DEFAULTS } from '#domain'
import { type Clock, type SiteRegistry } from '#ports'
import type { SiteDirectory } from '#directory'

/** An empty data folder gets the site `demo`: any host, crawlers counted (contract section 5). */
export async function ensureDemoSite(registry: SiteRegistry, directory: SiteDirectory, clock: Clock): Promise<void> {
  if (directory.list().length > 0) return
  const created = await registry.createSite({ ...SITE_DEFAULTS, id: 'demo', name: 'Demo', bots: 'count' }, clock.now())
  if (created) await directory.refreshFromNow()
}
