import type { Problem, ShownNumbers } from '#domain'
import { readQuery } from '#http'
import { type Language, LANGUAGES } from './form-labels.js'
import { type Theme, THEMES } from './form-themes.js'

/** Digits of the total unless asked otherwise, as in the widget's default look. */
const USUAL_DIGITS = 9
const DIGITS = Array.from({ length: 12 }, (_, n) => String(n + 1))

export const FIELDS = [
  'online',
  'today',
  'yesterday',
  'week',
  'month',
  'year',
  'total',
] as const satisfies readonly (keyof ShownNumbers)[]

/** The form that is drawn. */
export interface DrawnForm {
  readonly kind: 'svg' | 'html'
  readonly language: Language
  readonly theme: Theme
  readonly digits: number
}

/** The form that is one number; `digits` 1 leaves it as it is. */
export interface TextForm {
  readonly kind: 'txt'
  readonly field: (typeof FIELDS)[number]
  readonly digits: number
}

export type FormAsked = DrawnForm | TextForm

/**
 * What a form is asked for: `lang`, `theme`, `digits`, each at most once, and for `.txt` also `f`, which it needs
 * (contract section 4). Bare digits have no language and no look: there, `lang` and `theme` change nothing.
 */
export function askedForm(kind: FormAsked['kind'], query: string): { form: FormAsked } | { problem: Problem } {
  const read = readQuery(query, kind === 'txt' ? ['f', 'lang', 'theme', 'digits'] : ['lang', 'theme', 'digits'])
  if ('problem' in read) return read
  const ask = new FormQuery(read.params)
  const language = ask.choice('lang', LANGUAGES) ?? 'vi'
  const theme = ask.choice('theme', THEMES) ?? 'classic'
  const digits = ask.choice('digits', DIGITS)
  const field = ask.choice('f', FIELDS)
  if (ask.wrong !== undefined) return { problem: { code: 'bad_parameter', field: ask.wrong } }
  if (kind !== 'txt') return { form: { kind, language, theme, digits: Number(digits ?? USUAL_DIGITS) } }
  if (field === undefined) return { problem: { code: 'bad_parameter', field: 'f' } }
  return { form: { kind, field, digits: Number(digits ?? 1) } }
}

/** Reads parameters and remembers the first that is wrong. */
class FormQuery {
  wrong: string | undefined

  constructor(private readonly params: URLSearchParams) {}

  /** The one value of a parameter; undefined when it is absent or wrong. */
  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const values = this.params.getAll(key)
    const found = values.length === 1 ? choices.find((choice) => choice === values[0]) : undefined
    if (found === undefined && values.length > 0) this.wrong ??= key
    return found
  }
}
