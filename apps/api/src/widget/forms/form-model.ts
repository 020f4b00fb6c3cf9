import { isoInZone, type ShownNumbers, type ShownState, type Site } from '#domain'
import { LABELS, type Language, LINES } from './form-labels.js'

/** Stands for a number that is not known: never a zero that is not a count (contract section 4). */
const DASH = '–'

/** Everything that the drawn forms show, as text. */
export interface FormModel {
  readonly language: Language
  readonly heading: string
  /** The total's digits, `002390402`, and what a screen reader says instead of them. */
  readonly total: { readonly digits: string; readonly label: string }
  readonly lines: readonly { readonly label: string; readonly value: string }[]
  /** Since when the numbers stand; empty while they are fresh. */
  readonly note: string
}

/** What to draw of a snapshot; `digits` is the least number of the total's, which is never cut. */
export function formModel(
  site: Pick<Site, 'timeZone'>,
  numbers: ShownNumbers,
  state: ShownState,
  asked: { readonly language: Language; readonly digits: number },
): FormModel {
  const { language } = asked
  const labels = LABELS[language]
  return {
    language,
    heading: labels.heading,
    total: {
      digits: String(numbers.total).padStart(asked.digits, '0'),
      label: `${labels.total}: ${countText(numbers.total, language)}`,
    },
    lines: LINES.map((line) => ({ label: labels[line], value: countText(numbers[line], language) })),
    note: state.stale ? `${labels.asOf} ${clockTime(site.timeZone, state.asOfMs)}` : '',
  }
}

const formats = {
  vi: new Intl.NumberFormat(LABELS.vi.locale, { useGrouping: 'always' }),
  en: new Intl.NumberFormat(LABELS.en.locale, { useGrouping: 'always' }),
} satisfies Record<Language, Intl.NumberFormat>

/** `7.667` in Vietnamese, `7,667` in English; a dash for what is not known. */
export function countText(count: number | null, language: Language): string {
  return count === null ? DASH : formats[language].format(count)
}

/** `16:31` on the clock of the site's zone. */
function clockTime(timeZone: string, atMs: number): string {
  return isoInZone(timeZone, Math.floor(atMs / 1000)).slice(11, 16)
}
