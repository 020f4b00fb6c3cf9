/** A host as it is compared: no port, no case, no trailing dot, no one leading `www.`, IDN as punycode. */
function comparable(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\./, '')
}

function hostOf(url: string): string | undefined {
  try {
    return comparable(new URL(url).hostname)
  } catch {
    return undefined
  }
}

function matches(host: string, entry: string): boolean {
  if (!entry.startsWith('*.')) return host === hostOf(`http://${entry}`)
  return host.endsWith(`.${hostOf(`http://${entry.slice(2)}`)}`)
}

/**
 * Whether a view without visitor came from elsewhere and so adds one visit (contract section 1, visits):
 * the referrer is empty or unparsable, or its host is neither that of the page nor one of the site's.
 */
export function cameFromElsewhere(url: string, referrer: string | undefined, hosts: readonly string[]): boolean {
  const from = referrer ? hostOf(referrer) : undefined
  if (from === undefined) return true
  return from !== hostOf(url) && !hosts.some((entry) => matches(from, entry))
}
