import { pathOfParameter, type Problem, SITE_ID } from '#domain'
import { readQuery, splitTarget } from '#http'
import { askedForm, type FormAsked } from './forms/form-request.js'

/** Contract section 4: `/views` takes 1-50 paths. */
const MOST_PATHS = 50

export type WidgetKind = 'json' | 'views' | FormAsked['kind']

/** What is wanted of a site: its numbers, with the views of `p` where given; views of paths; or a form without script. */
export type WidgetAsked =
  | { readonly kind: 'json'; readonly p?: string | undefined }
  | { readonly kind: 'views'; readonly paths: readonly string[] }
  | FormAsked

/** An address of the widget door: which site and which of its answers. */
export interface WidgetTarget {
  readonly siteId: string
  readonly kind: WidgetKind
  readonly query: string
}

const ADDRESS = /^\/w\/([^/]+?)(?:\.(json|svg|html|txt)|\/(views))$/

/** The part of an address that is ours; null when it belongs to another door. */
export function widgetTarget(url: string): WidgetTarget | null {
  const { path, query } = splitTarget(url)
  const found = ADDRESS.exec(path)
  if (found === null) return null
  const siteId = decoded(found[1])
  return siteId === null ? null : { siteId, kind: (found[2] ?? found[3]) as WidgetKind, query }
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

/** What the query asks for, or its first mistake. It is judged for any site, so before the site is looked up. */
export function asked(kind: WidgetKind, query: string): { asked: WidgetAsked } | { problem: Problem } {
  if (kind === 'json' || kind === 'views') return askedPaths(kind, query)
  const read = askedForm(kind, query)
  return 'problem' in read ? read : { asked: read.form }
}

/** The `p=` values of a query as they were asked: none or one for the numbers, 1-50 for views. */
function askedPaths(kind: 'json' | 'views', query: string): { asked: WidgetAsked } | { problem: Problem } {
  const read = readQuery(query, ['p'])
  if ('problem' in read) return read
  const paths = read.params.getAll('p')
  const isTooMany = paths.length > (kind === 'views' ? MOST_PATHS : 1)
  if (isTooMany && kind === 'views') return { problem: { code: 'too_many_paths', field: 'p' } }
  if (isTooMany || (kind === 'views' && paths.length === 0) || paths.some((p) => pathOfParameter(p, []) === null)) {
    return { problem: { code: 'bad_parameter', field: 'p' } }
  }
  return { asked: kind === 'views' ? { kind, paths } : { kind, p: paths[0] } }
}
