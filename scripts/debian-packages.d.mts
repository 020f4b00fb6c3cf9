/** Path of the Chromium that the browser tests start. */
export const CHROMIUM: string
/** Makes sure that what the tests need of the system is there, or says how to get it and exits 1. */
export function ensureDebianPackages(): void
