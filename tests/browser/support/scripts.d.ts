declare module '*/scripts/chromium.mjs' {
  /** Where Chromium is looked for. */
  export const CHROMIUM: string
  export function ensureChromium(): void
}
