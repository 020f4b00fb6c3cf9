/** Stands for a number that is not known. Never a zero that is not a count (contract section 4). */
export const DASH = '–'

/** A count from JSON, undefined when it is none: null, missing, negative or of another type. */
export function readCount(value: unknown): number | undefined {
  return Number.isFinite(value) && (value as number) >= 0 ? Math.floor(value as number) : undefined
}

/** `7.667` or `7,667`. Grouped always, since some locales leave four digits together. */
export function groupDigits(count: number, locale: string): string {
  return new Intl.NumberFormat(locale, { useGrouping: 'always' }).format(count)
}

/** A count for a line, or the dash. */
export function countText(value: unknown, locale: string): string {
  const count = readCount(value)
  return count === undefined ? DASH : groupDigits(count, locale)
}

/**
 * The odometer's cells: `002390402` for nine digits, more cells where the number needs them, never fewer digits than it
 * has. `filler` stands in every cell while the number is not known.
 */
export function odometerCells(value: unknown, digits: number, filler: string): string[] {
  const count = readCount(value)
  return Array.from(count === undefined ? filler.repeat(digits) : String(count).padStart(digits, '0'))
}
