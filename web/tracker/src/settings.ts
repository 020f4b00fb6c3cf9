/** What the script tag says. `spa`: follow the address without page loads; `heartbeatMs`: Infinity for none. */
export interface Settings {
  site: string
  api: string
  spa: boolean
  heartbeatMs: number
}

/**
 * Milliseconds between heartbeats from `data-heartbeat` in seconds: 120 unless given, at least 30, none for 0 and for
 * what is no number. The upper limit of a day is what `setTimeout` can hold; beyond it would fire at once, for ever.
 */
export function readHeartbeatMs(attribute?: string): number {
  const seconds = parseFloat(attribute || '120')
  return seconds ? Math.min(Math.max(seconds, 30), 86_400) * 1000 : Infinity
}

/**
 * The settings in the `data-` attributes of a script tag, undefined when it names no site.
 *
 * @param scriptOrigin where the doors are unless `data-api` says otherwise
 */
export function readSettings({ site, api, spa, heartbeat }: DOMStringMap, scriptOrigin: string): Settings | undefined {
  return site
    ? {
        site,
        api: (api || scriptOrigin).replace(/\/$/, ''),
        spa: !/^(off|false|0)$/.test(spa || ''),
        heartbeatMs: readHeartbeatMs(heartbeat),
      }
    : undefined
}
