import { describe, expect, it } from 'vitest'
import { automationHints, privacySignal } from './client-hints.js'

const BROWSER = { navigator: { webdriver: false, languages: ['vi'] }, innerWidth: 1280, innerHeight: 720 }

describe('automationHints', () => {
  it.each([
    ['an ordinary browser', BROWSER, 0],
    ['webdriver', { ...BROWSER, navigator: { webdriver: true, languages: ['vi'] } }, 1],
    ['PhantomJS', { ...BROWSER, callPhantom: () => {} }, 2],
    ['an older PhantomJS', { ...BROWSER, _phantom: {} }, 2],
    ['no languages', { ...BROWSER, navigator: { languages: [] } }, 4],
    ['no list of languages', { ...BROWSER, navigator: {} }, 4],
    ['a window without width', { ...BROWSER, innerWidth: 0 }, 8],
    ['a window without height', { ...BROWSER, innerHeight: 0 }, 8],
    ['all of them', { navigator: { webdriver: true }, innerWidth: 0, innerHeight: 0, _phantom: {} }, 15],
  ])('tells %s', (_, page, expected) => {
    expect(automationHints(page)).toBe(expected)
  })
})

describe('privacySignal', () => {
  it.each([
    [{}, 0],
    [{ doNotTrack: null }, 0],
    [{ doNotTrack: '0' }, 0],
    [{ doNotTrack: 'unspecified' }, 0],
    [{ doNotTrack: '1' }, 1],
    [{ globalPrivacyControl: false }, 0],
    [{ globalPrivacyControl: true }, 1],
  ])('reads %j as %d', (wishes, expected) => {
    expect(privacySignal(wishes)).toBe(expected)
  })
})
