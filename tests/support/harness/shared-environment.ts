/** Of the cluster that files share. Their many beacons come from few addresses; the rate has a file and a cluster of its own. */
export const SHARED_ENVIRONMENT: Readonly<Record<string, string>> = { TRUST_PROXY: '127.0.0.1', RATE_PER_SECOND: '0' }
