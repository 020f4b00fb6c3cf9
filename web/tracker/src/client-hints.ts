/** The parts of `window` that tell of automation. The optional ones exist in robots only. */
export interface Surroundings {
  navigator: { webdriver?: boolean; languages?: readonly string[] }
  innerWidth: number
  innerHeight: number
  callPhantom?: unknown
  _phantom?: unknown
}

/** The parts of `navigator` in which a reader asks not to be followed. */
export interface PrivacyWishes {
  globalPrivacyControl?: boolean
  doNotTrack?: string | null
}

/** Key `b` of contract section 2: 1 webdriver, 2 phantom or similar, 4 no languages, 8 zero window. Only a hint. */
export function automationHints(page: Surroundings): number {
  const { languages, webdriver } = page.navigator
  return (
    (webdriver ? 1 : 0) |
    (page.callPhantom || page._phantom ? 2 : 0) |
    (languages && languages.length ? 0 : 4) |
    (page.innerWidth * page.innerHeight ? 0 : 8)
  )
}

/** Key `g` of contract section 2: 1 when the reader sends Global Privacy Control or Do Not Track. */
export function privacySignal(wishes: PrivacyWishes): 0 | 1 {
  return wishes.globalPrivacyControl || wishes.doNotTrack === '1' ? 1 : 0
}
