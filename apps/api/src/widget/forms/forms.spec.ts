import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { labelsFor } from '../../../../../web/widget/src/labels.js'
import { LABELS, LANGUAGES, LINES } from './form-labels.js'
import { countText, type FormModel, formModel } from './form-model.js'
import { PALETTES, THEMES } from './form-themes.js'
import { htmlCss, htmlForm } from './html.form.js'
import { escaped, stylePolicy } from './markup.js'
import { svgCss, svgForm } from './svg.form.js'

const NUMBERS = { online: 40, today: 1021, yesterday: 990, week: 7667, month: 37_087, year: 229_537, total: 2_390_402 }
const FRESH = { asOfMs: Date.parse('2026-11-23T16:31:59+07:00'), stale: false }
const SITE = { timeZone: 'Asia/Ho_Chi_Minh' }
const modelOf = (changes: object = {}, state = FRESH, language: 'vi' | 'en' = 'vi', digits = 9): FormModel =>
  formModel(SITE, { ...NUMBERS, ...changes }, state, { language, digits })
const textOf = (markup: string): string =>
  markup
    .replace(/<(style|title|desc)[ >].*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .trim()

describe('countText', () => {
  it.each([
    [0, '0', '0'],
    [40, '40', '40'],
    [7667, '7.667', '7,667'],
    [2_390_402, '2.390.402', '2,390,402'],
    [1_000_000_000, '1.000.000.000', '1,000,000,000'],
    [null, '–', '–'],
  ])('writes %j as %s in Vietnamese and %s in English', (count, vi, en) => {
    expect([countText(count, 'vi'), countText(count, 'en')]).toEqual([vi, en])
  })
})

describe('formModel', () => {
  it('has the default look of the contract', () => {
    expect(modelOf()).toEqual({
      language: 'vi',
      heading: 'Thống kê truy cập',
      total: { digits: '002390402', label: 'Tổng lượt truy cập: 2.390.402' },
      lines: [
        { label: 'Đang online', value: '40' },
        { label: 'Trong tuần', value: '7.667' },
        { label: 'Trong tháng', value: '37.087' },
        { label: 'Trong năm', value: '229.537' },
      ],
      note: '',
    })
  })

  it('speaks English', () => {
    const { heading, total, lines } = modelOf({}, FRESH, 'en')
    expect([heading, total.label]).toEqual(['Visitor statistics', 'Total visits: 2,390,402'])
    expect(lines.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Online now: 40',
      'This week: 7,667',
      'This month: 37,087',
      'This year: 229,537',
    ])
  })

  it.each([
    [0, 9, '000000000'],
    [999_999_999, 9, '999999999'],
    [1_000_000_000, 9, '1000000000'],
    [2_390_402, 12, '000002390402'],
    [2_390_402, 1, '2390402'],
  ])('shows the total %d in at least %d digits as %s', (total, digits, expected) => {
    expect(modelOf({ total }, FRESH, 'vi', digits).total.digits).toBe(expected)
  })

  it('shows a dash for who is online when nobody knows', () => {
    expect(modelOf({ online: null }).lines[0]).toEqual({ label: 'Đang online', value: '–' })
  })

  it('says since when stale numbers stand, on the clock of the site', () => {
    expect(modelOf({}, { ...FRESH, stale: true }).note).toBe('Số liệu lúc 16:31')
    expect(modelOf({}, { ...FRESH, stale: true }, 'en').note).toBe('Figures as of 16:31')
  })
})

describe.each([
  ['svgForm', svgForm, svgCss],
  ['htmlForm', htmlForm, htmlCss],
])('%s', (_, draw, css) => {
  it('writes every number as text, the total as one number', () => {
    const text = textOf(draw(modelOf(), 'classic'))
    for (const shown of [
      'Thống kê truy cập',
      '002390402',
      'Đang online: 40',
      'Trong tuần: 7.667',
      'Trong năm: 229.537',
    ])
      expect(text).toContain(shown)
    expect(text).not.toContain('Số liệu lúc')
  })

  it('tells a screen reader the total once, as a number of words', () => {
    expect(draw(modelOf(), 'classic').match(/role="img"/g)).toHaveLength(1)
    expect(draw(modelOf(), 'classic')).toContain('Tổng lượt truy cập: 2.390.402')
  })

  it('marks stale numbers with their time', () => {
    const stale = draw(modelOf({}, { ...FRESH, stale: true }), 'classic')
    expect(textOf(stale)).toContain('Số liệu lúc 16:31')
    expect(stale).toContain('class="s"')
  })

  it.each(LANGUAGES)('says that it is written in %s', (language) => {
    expect(draw(modelOf({}, FRESH, language), 'classic')).toContain(` lang="${language}"`)
  })

  it.each(THEMES)(
    'in the theme %s has the colours for light and dark, the style sheet of the policy, and loads nothing',
    (theme) => {
      const form = draw(modelOf(), theme)
      expect(form).toContain(`<style>${css(theme)}</style>`)
      expect(css(theme)).toContain('@media (prefers-color-scheme:dark)')
      for (const colour of [PALETTES[theme].light.digit, PALETTES[theme].dark.digit])
        expect(css(theme)).toContain(colour)
      expect(form.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
        /<script|https?:|\bon\w+=|href|src=|url\(|@import| style=/,
      )
    },
  )

  it('lets no text become markup', () => {
    const evil = '</style><b onload="x">&amp;'
    const model = { ...modelOf(), heading: evil, note: evil, lines: [{ label: evil, value: evil }] }
    const form = draw({ ...model, total: { digits: evil, label: evil } }, 'classic')
    expect(form).not.toContain('<b onload')
    expect(form).toContain('&lt;/style&gt;&lt;b onload=&quot;x&quot;&gt;&amp;amp;')
  })
})

it('keeps one size of the SVG for fresh and stale numbers, and grows it with the digits', () => {
  const sizeOf = (svg: string) => /width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"/.exec(svg)!.slice(1).map(Number)
  const [width, height] = sizeOf(svgForm(modelOf(), 'classic'))
  expect(sizeOf(svgForm(modelOf({}, { ...FRESH, stale: true }), 'classic'))).toEqual([width, height])
  expect(sizeOf(svgForm(modelOf({}, FRESH, 'vi', 12), 'classic'))).toEqual([296, height])
})

it('escapes what markup is made of', () => {
  expect(escaped(`<a b="c">&'`)).toBe(`&lt;a b=&quot;c&quot;&gt;&amp;'`)
})

it('names a style sheet by its hash', () => {
  // printf 'a{}' | openssl dgst -sha256 -binary | base64
  expect(stylePolicy('a{}')).toContain(`style-src 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='`)
})

describe('the forms and w.js', () => {
  it.each(LANGUAGES)('have the same words in %s', (language) => {
    const { total, heading, asOf, locale, ...rest } = labelsFor(language)
    const lines = Object.fromEntries(LINES.map((line) => [line, rest[line]]))
    expect({ total, heading, asOf, locale, ...lines }).toEqual(LABELS[language])
  })

  it.each(THEMES)('have the same colours in the theme %s', (theme) => {
    const source = readFileSync(new URL('../../../../../web/widget/src/widget-style.ts', import.meta.url), 'utf8')
    for (const colour of Object.values(PALETTES[theme]).flatMap((palette) => Object.values(palette)))
      expect(source).toContain(`:${colour}`)
  })
})
