import { type ShownNumbers, type ShownState, type Site, weakTag, type WireAnswer } from '#domain'
import type { DrawnForm, FormAsked, TextForm } from './form-request.js'
import { formModel } from './form-model.js'
import { type Theme, THEMES } from './form-themes.js'
import { htmlCss, htmlForm } from './html.form.js'
import { stylePolicy } from './markup.js'
import { svgCss, svgForm } from './svg.form.js'

/** A form of the widget, with the headers that only it has, as names and values in turn. */
export interface FormAnswer extends WireAnswer {
  readonly contentType: string
  readonly headers: readonly string[]
}

const FORMS = {
  svg: { contentType: 'image/svg+xml; charset=utf-8', draw: svgForm, policies: policiesOf(svgCss) },
  html: { contentType: 'text/html; charset=utf-8', draw: htmlForm, policies: policiesOf(htmlCss) },
} as const

/** `.svg`, `.html` or `.txt` of a snapshot (contract section 4); null when the one number of a `.txt` is not known. */
export function formAnswer(site: Site, numbers: ShownNumbers, state: ShownState, asked: FormAsked): FormAnswer | null {
  return asked.kind === 'txt' ? textAnswer(site, numbers, state, asked) : drawnAnswer(site, numbers, state, asked)
}

/** The tag covers the whole look, so that an upgrade of ours is seen, but not the time that a stale one tells. */
function drawnAnswer(site: Site, numbers: ShownNumbers, state: ShownState, asked: DrawnForm): FormAnswer {
  const { contentType, draw, policies } = FORMS[asked.kind]
  const model = formModel(site, numbers, state, asked)
  const timeless = draw({ ...model, note: '' }, asked.theme)
  return {
    body: model.note === '' ? timeless : draw(model, asked.theme),
    etag: weakTag([timeless, state.stale, site.unit]),
    contentType,
    headers: ['Content-Security-Policy', policies[asked.theme], 'X-Robots-Tag', 'noindex'],
  }
}

function textAnswer(site: Site, numbers: ShownNumbers, state: ShownState, asked: TextForm): FormAnswer | null {
  const number = numbers[asked.field]
  if (number === null) return null
  const body = String(number).padStart(asked.digits, '0')
  const etag = weakTag([body, state.stale, site.unit])
  return { body, etag, contentType: 'text/plain; charset=utf-8', headers: [] }
}

function policiesOf(css: (theme: Theme) => string): Readonly<Record<Theme, string>> {
  return Object.fromEntries(THEMES.map((theme) => [theme, stylePolicy(css(theme))])) as Record<Theme, string>
}
