import type { FormModel } from './form-model.js'
import { PALETTES, type Palette, type Theme } from './form-themes.js'
import { escaped } from './markup.js'

/** Lengths in px. The box has one size for fresh and stale numbers, so that a page can reserve it. */
const PADDING = 16
const CELL = { step: 22, width: 20, top: 40, height: 28 }
const LINE = { first: 92, step: 22 }
const NOTE_AT = 180
const LEAST_WIDTH = 240
const HEIGHT = 194

/** How the digits of the total stand: in a cell each, or as one large number. */
const DIGITS: Readonly<Record<Theme, string>> = {
  classic: 'font:700 19px system-ui,sans-serif;text-anchor:middle',
  flat: 'font:700 26px system-ui,sans-serif',
  led: `font:700 19px ui-monospace,'DejaVu Sans Mono',Consolas,monospace;text-anchor:middle`,
}

const colours = ({ box, text, edge, cell, digit }: Palette): string =>
  `.b{fill:${box};stroke:${edge}}text{fill:${text}}.c{fill:${cell}}.d{fill:${digit}}`

/** The style sheet of an SVG: a constant for each theme, so that a policy can name its hash. */
export function svgCss(theme: Theme): string {
  const { light, dark } = PALETTES[theme]
  return (
    `text{font:15px system-ui,sans-serif}.h,.v{font-weight:700}.d{${DIGITS[theme]}}.n{font-size:12px}.s{opacity:.7}` +
    `${colours(light)}@media (prefers-color-scheme:dark){${colours(dark)}}`
  )
}

/**
 * The widget as a standalone SVG: no script, nothing loaded. A screen reader hears one image whose name is the total and
 * then every line. What is drawn is kept from it, since browsers read the text inside an image, too.
 */
export function svgForm(model: FormModel, theme: Theme): string {
  const { language, heading, total, lines, note } = model
  const width = Math.max(LEAST_WIDTH, 2 * PADDING + CELL.step * total.digits.length)
  const spoken = [...lines.map(({ label, value }) => `${label}: ${value}`), note].filter(Boolean).join('. ')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" lang="${language}" role="img" aria-labelledby="truycap-total truycap-lines">
<title id="truycap-total">${escaped(total.label)}</title>
<desc id="truycap-lines">${escaped(spoken)}</desc>
<style>${svgCss(theme)}</style>
<g aria-hidden="true">
<rect class="b" x=".5" y=".5" width="${width - 1}" height="${HEIGHT - 1}" rx="4"/>
<text class="h" x="${PADDING}" y="28">${escaped(heading)}</text>
<g${note === '' ? '' : ' class="s"'}>${theme === 'flat' ? plain(total.digits) : cells(total.digits)}
${lines.map(line).join('\n')}</g>${note === '' ? '' : `\n<text class="n" x="${PADDING}" y="${NOTE_AT}">${escaped(note)}</text>`}
</g>
</svg>
`
}

/** One text whose characters have a place each: it stays one number for who copies or searches it. */
function cells(digits: string): string {
  const lefts = Array.from(digits, (_, n) => PADDING + n * CELL.step)
  const rects = lefts.map(
    (x) => `<rect class="c" x="${x}" y="${CELL.top}" width="${CELL.width}" height="${CELL.height}" rx="2"/>`,
  )
  const middles = lefts.map((x) => x + CELL.width / 2).join(' ')
  return `${rects.join('')}<text class="d" x="${middles}" y="${CELL.top + 21}">${escaped(digits)}</text>`
}

function plain(digits: string): string {
  return `<text class="d" x="${PADDING}" y="${CELL.top + 25}">${escaped(digits)}</text>`
}

function line({ label, value }: FormModel['lines'][number], n: number): string {
  const y = LINE.first + n * LINE.step
  return `<text x="${PADDING}" y="${y}">${escaped(label)}: <tspan class="v">${escaped(value)}</tspan></text>`
}
