import type { Server } from 'node:http'

const CHECK_MS = 20

/**
 * Stops listening, lets requests under way finish, and asks keep-alive connections to end with their next answer.
 * Resolves when all connections are gone, or after `graceMs`, when the rest are cut.
 */
export async function drainHttp(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that was busy when the server closed turns idle later; those are closed as they do.
  const idle = setInterval(() => server.closeIdleConnections(), CHECK_MS)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}
