import type { ClientFactsReader, UserAgentFacts } from '#ports'
import { CountryReader } from './country.reader.js'
import { isKnownCrawler } from './crawler.reader.js'
import { GenerationCache } from './generation-cache.js'
import { NO_FACTS, readUserAgent } from './user-agent.reader.js'

const CACHED_USER_AGENTS = 8_192
/** UTF-16 units that are looked at: in-app browsers reach 500. */
const LONGEST_USER_AGENT = 1_024

/** What is known of one User-Agent; the dearer half only when it was asked for. */
interface Known {
  readonly isCrawler: boolean
  facts: UserAgentFacts | undefined
}

class CachedClientFacts implements ClientFactsReader {
  private readonly known = new GenerationCache<Known>(CACHED_USER_AGENTS)
  private readonly countries = new CountryReader()

  isCrawler(userAgent: string): boolean {
    return userAgent !== '' && this.know(userAgent).isCrawler
  }

  userAgentFacts(userAgent: string): UserAgentFacts {
    if (userAgent === '') return NO_FACTS
    const known = this.know(userAgent)
    known.facts ??= readUserAgent(userAgent.slice(0, LONGEST_USER_AGENT), known.isCrawler)
    return known.facts
  }

  country(address: string): string {
    return this.countries.country(address)
  }

  private know(userAgent: string): Known {
    if (userAgent.length > LONGEST_USER_AGENT) return judge(userAgent.slice(0, LONGEST_USER_AGENT))
    const known = this.known.get(userAgent)
    if (known !== undefined) return known
    const judged = judge(userAgent)
    this.known.set(userAgent, judged)
    return judged
  }
}

function judge(userAgent: string): Known {
  return { isCrawler: isKnownCrawler(userAgent), facts: undefined }
}

/**
 * The facts of clients from isbot, bowser and a country database, all in memory. Reads 8 MB of data (10 ms), and throws
 * if they are not there. What User-Agents tell is cached, 8,192 of them at most; those over 1,024 units are cut to that
 * and judged each time, so neither long nor many different ones fill the memory (16 MB at the very worst).
 */
export function createClientFacts(): ClientFactsReader {
  return new CachedClientFacts()
}
