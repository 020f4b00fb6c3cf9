import { pathOfParameter, type Problem, SITE_ID } from '#domain'
import { readQuery, splitTarget } from '#http'

/** Contract section 4: `/views` takes 1-50 paths. */
const MOST_PATHS = 50

export type WidgetKind = 'numbers' | 'views'

/** An address of the widget door: which site and which of its answers. */
export interface WidgetTarget {
  readonly siteId: string
  readonly kind: WidgetKind
  readonly query: string
}

const ADDRESS = /^\/w\/([^/]+?)(\.json|\/views)$/

/** The part of an address that is ours; null when it belongs to another door. */
export function widgetTarget(url: string): WidgetTarget | null {
  const { path, query } = splitTarget(url)
  const found = ADDRESS.exec(path)
  if (found === null) return null
  const siteId = decoded(found[1])
  return siteId === null ? null : { siteId, kind: found[2] === '/views' ? 'views' : 'numbers', query }
}

function decoded(text: string): string | null {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return null
  }
}

/** Whether a site may have this id at all; one that may not is unknown without asking anybody. */
export function isSiteId(siteId: string): boolean {
  return SITE_ID.test(siteId)
}

/**
 * The `p=` values of a query as they were asked: none or one for the numbers, 1-50 for views. A value that is
 * no path is `bad_parameter` for any site, so this is judged before the site is looked up.
 */
export function askedPaths(kind: WidgetKind, query: string): { paths: readonly string[] } | { problem: Problem } {
  const read = readQuery(query, ['p'])
  if ('problem' in read) return read
  const asked = read.params.getAll('p')
  const isTooMany = asked.length > (kind === 'views' ? MOST_PATHS : 1)
  if (isTooMany && kind === 'views') return { problem: { code: 'too_many_paths', field: 'p' } }
  if (isTooMany || (kind === 'views' && asked.length === 0) || asked.some((p) => pathOfParameter(p, []) === null)) {
    return { problem: { code: 'bad_parameter', field: 'p' } }
  }
  return { paths: asked }
}
