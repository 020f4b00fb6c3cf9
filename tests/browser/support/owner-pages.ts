import { createServer } from 'node:http'
import type { Listening } from './listening.js'
import { listening } from './listening.js'

/** A website of an owner, on another origin than the product. */
export interface OwnerPages extends Listening {
  /** Puts a page under a path, as it stands in a request (so escaped), and gives its URL. */
  put(path: string, html: string, headers?: Readonly<Record<string, string>>): string
}

export interface PageParts {
  /** The product, or a proxy in front of it. */
  host: string
  /** Of the tracker; without it the page has none. */
  site?: string
  /** More attributes of the tracker. */
  tracker?: string
  body?: string
}

/** A page that embeds the two scripts (contract section 4, Embedding). */
export function pageWith({ host, site, tracker = '', body = '' }: PageParts): string {
  const trackerScript =
    site === undefined ? '' : `<script defer src="${host}/t.js" data-site="${site}" ${tracker}></script>`
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Tin tức</title>${trackerScript}
<script defer src="${host}/w.js"></script></head>
<body>${body}</body></html>`
}

export async function startOwnerPages(): Promise<OwnerPages> {
  const pages = new Map<string, { html: string; headers: Readonly<Record<string, string>> }>()
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '')
    response.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8', ...page?.headers })
    response.end(page?.html)
  })
  const { url, close } = await listening(server)
  return {
    url,
    close,
    put: (path, html, headers = {}) => {
      pages.set(path, { html, headers })
      return url + path
    },
  }
}
