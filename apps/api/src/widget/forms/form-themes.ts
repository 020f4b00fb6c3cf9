/** The looks of the widget (contract section 4). */
export const THEMES = ['classic', 'flat', 'led'] as const
export type Theme = (typeof THEMES)[number]

/** Colours of one look; `cell` lies behind a `digit` of the total. */
export interface Palette {
  readonly box: string
  readonly text: string
  readonly edge: string
  readonly cell: string
  readonly digit: string
}

/** Every look has colours of its own for readers who prefer dark ones. w.js has the same; a test holds them together. */
export const PALETTES: Readonly<Record<Theme, { readonly light: Palette; readonly dark: Palette }>> = {
  classic: {
    light: { box: '#fff', text: '#222', edge: '#c8ccd0', cell: '#222', digit: '#fff' },
    dark: { box: '#1b1f24', text: '#e6e6e6', edge: '#444c56', cell: '#000', digit: '#fff' },
  },
  flat: {
    light: { box: '#f1f5f9', text: '#1c2733', edge: '#f1f5f9', cell: '#f1f5f9', digit: '#0b5cad' },
    dark: { box: '#1d2733', text: '#dfe6ee', edge: '#1d2733', cell: '#1d2733', digit: '#7db8ff' },
  },
  led: {
    light: { box: '#eee', text: '#222', edge: '#bbb', cell: '#141414', digit: '#ff5a3c' },
    dark: { box: '#181818', text: '#ddd', edge: '#333', cell: '#000', digit: '#ff6b4d' },
  },
}
