import type { WidgetModel } from './widget-model.js'

function make(tag: string, part: string, content: string | Node[]): HTMLElement {
  const element = document.createElement(tag)
  element.setAttribute('part', part)
  if (typeof content === 'string') element.textContent = content
  else element.append(...content)
  return element
}

function makeTotal({ cells, label }: { cells: string[]; label: string }): HTMLElement {
  const digits = cells.map((cell) => make('span', 'digit', cell))
  const total = make('div', 'total', digits)
  // One label, or a screen reader would read digit by digit.
  total.setAttribute('role', 'img')
  total.setAttribute('aria-label', label)
  return total
}

function makeLines(lines: WidgetModel['lines']): HTMLElement {
  const rows = lines.map(({ field, label, value }) => {
    const space = document.createTextNode(' ')
    const line = make('div', 'line', [make('dt', 'label', `${label}:`), space, make('dd', 'value', value)])
    line.dataset['field'] = field
    return line
  })
  return make('dl', 'lines', rows)
}

/** The widget's box. Text goes in as text only, whatever it says. */
export function makeBox(model: WidgetModel): HTMLElement {
  const { heading, total, lines, note, language, state } = model
  const parts: Node[] = []
  if (heading) parts.push(make('div', 'heading', heading))
  if (total) parts.push(makeTotal(total))
  if (lines.length) parts.push(makeLines(lines))
  if (note) parts.push(make('div', 'note', note))
  const box = make('div', 'box', parts)
  box.lang = language
  box.dataset['state'] = state
  if (state === 'loading') box.setAttribute('aria-busy', 'true')
  return box
}
