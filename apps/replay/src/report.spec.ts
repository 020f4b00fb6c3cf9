import { describe, expect, it } from 'vitest'
import { plainLines } from './progress.js'
import { addAnswer, emptyReport, exitCodeOf, formatReport, tally } from './report.js'

function fullReport() {
  const report = Object.assign(emptyReport(), { lines: 20, pageViews: 12 })
  tally(report.skipped, 'asset', 7)
  tally(report.skipped, 'broken')
  addAnswer(report, { accepted: 5, dropped: { bot: 2 }, rejected: [{ line: 3, code: 'too_old' }] })
  addAnswer(report, { accepted: 3, dropped: { bot: 1 }, rejected: [] })
  return report
}

describe('the report of a replay', () => {
  it('adds the answers of all batches', () => {
    expect(formatReport(fullReport()).split('\n')).toEqual([
      'lines       20',
      'skipped      8',
      '  asset      7',
      '  broken     1',
      'page views  12',
      'accepted     8',
      'dropped      3',
      '  bot        3',
      'rejected     1',
      '  too_old    1',
      'not sent     0',
    ])
  })

  it('is a failure when something was not sent, or nothing of it was taken', () => {
    expect(exitCodeOf(fullReport())).toBe(0)
    expect(exitCodeOf({ ...fullReport(), notSent: 1 })).toBe(1)
    expect(exitCodeOf({ ...fullReport(), failure: 'no answer' })).toBe(1)
    expect(exitCodeOf({ ...emptyReport(), rejected: new Map([['too_old', 4]]) })).toBe(1)
    expect(exitCodeOf(emptyReport())).toBe(0)
  })
})

describe('progress without a terminal', () => {
  it('is one line every tenth of the way', () => {
    const written: string[] = []
    const progress = plainLines(1000, { write: (text: string | Uint8Array) => written.push(String(text)) > 0 })
    for (let line = 1; line <= 1000; line += 1) progress.reach(line)
    expect(written).toHaveLength(10)
    expect([written[0], written[9]]).toEqual(['100 of 1000 lines\n', '1000 of 1000 lines\n'])
  })
})
