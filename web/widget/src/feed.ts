import { fastestRefreshMs, nextState, pollDelayMs, type FeedState } from './feed-state.js'
import { readJson } from './json.reader.js'

/** Who wants a site's numbers; 0 = once. `draw` is called with what is known, at once and after every answer. */
export interface Watcher {
  refreshMs: number
  draw: (state: FeedState) => void
}

/** The numbers of one site: one request at a time for all widgets of the page, and none while the page is hidden. */
class Feed {
  private readonly watchers = new Set<Watcher>()
  private state: FeedState = { kind: 'loading' }
  private asking = false
  private askedAt = 0
  private failures = 0
  private random = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly url: string) {
    document.addEventListener('visibilitychange', () => this.schedule())
  }

  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher)
    watcher.draw(this.state)
    this.schedule()
    return () => {
      this.watchers.delete(watcher)
    }
  }

  private schedule(): void {
    const { asking, state, watchers } = this
    clearTimeout(this.timer)
    if (asking || document.hidden || !watchers.size || state.kind === 'unknown-site') return
    const waitMs = state.kind === 'loading' ? 0 : this.dueAt() - performance.now()
    if (waitMs <= 0) void this.ask()
    else if (waitMs < Infinity) this.timer = setTimeout(() => this.schedule(), waitMs)
  }

  private dueAt(): number {
    const refreshMs = fastestRefreshMs(Array.from(this.watchers, (watcher) => watcher.refreshMs))
    return this.askedAt + pollDelayMs(refreshMs, this.failures, this.random)
  }

  private async ask(): Promise<void> {
    this.asking = true
    this.askedAt = performance.now()
    this.random = Math.random()
    const answer = await readJson(this.url)
    this.asking = false
    this.failures = answer.body ? 0 : this.failures + 1
    this.state = nextState(this.state, answer)
    if (this.state.kind === 'unknown-site') console.warn(`truycap: no such site: ${this.url}`)
    for (const { draw } of this.watchers) draw(this.state)
    this.schedule()
  }
}

const feeds = new Map<string, Feed>()

/**
 * Watches the numbers of a site; whoever asks for the same site of the same api shares its requests.
 *
 * @returns the function that ends it
 */
export function watchNumbers(api: string, site: string, watcher: Watcher): () => void {
  const url = `${api}/w/${encodeURIComponent(site)}.json`
  const feed = feeds.get(url) || new Feed(url)
  feeds.set(url, feed)
  return feed.watch(watcher)
}
