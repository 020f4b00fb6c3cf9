/** Whatever keeps something of sites that is not made of the log and so is told of a deletion itself. */
export interface SiteStore {
  /** Removes everything of the site for good; again and again does no harm, and a site that it never had is fine. */
  eraseSite(siteId: string): Promise<void>
}
/** All of them, as a list. */
export const SITE_STORES = Symbol('SiteStores')
