import type { Answer } from './feed-state.js'

const TIMEOUT_MS = 10_000

/** Reads JSON without cookies; never rejects. */
export async function readJson(url: string): Promise<Answer> {
  try {
    // Browsers without it wait as long as they like.
    const signal = AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : null
    // `no-cache` asks with the ETag each time: by its own age rules a browser would show numbers a minute old.
    const response = await fetch(url, { credentials: 'omit', cache: 'no-cache', signal })
    return { status: response.status, body: response.ok ? await response.json() : undefined }
  } catch (error) {
    void error
    return { status: 0 }
  }
}
