declare module '*/scripts/debian-packages.mjs' {
  /** Where Chromium is looked for. */
  export const CHROMIUM: string
  export function ensureDebianPackages(): void
}
