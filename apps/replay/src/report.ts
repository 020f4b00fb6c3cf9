import type { BatchAnswer } from './events-door.js'
import type { SkipReason } from './page-view.js'

/** What became of every line of a log: lines = page views + skipped, page views = accepted + dropped + rejected + not sent. */
export interface ReplayReport {
  lines: number
  pageViews: number
  accepted: number
  dropped: Map<string, number>
  rejected: Map<string, number>
  skipped: Map<SkipReason, number>
  notSent: number
  /** Why sending ended early. */
  failure?: string
}

export function emptyReport(): ReplayReport {
  return {
    lines: 0,
    pageViews: 0,
    accepted: 0,
    dropped: new Map(),
    rejected: new Map(),
    skipped: new Map(),
    notSent: 0,
  }
}

export function tally<K>(counts: Map<K, number>, key: K, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

export function addAnswer(report: ReplayReport, answer: BatchAnswer): void {
  report.accepted += answer.accepted
  for (const [reason, count] of Object.entries(answer.dropped)) tally(report.dropped, reason, count)
  for (const { code } of answer.rejected) tally(report.rejected, code)
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0)

function rowsOf(label: string, counts: ReadonlyMap<string, number>): [string, number][] {
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]): [string, number] => [`  ${name}`, count])
  return [[label, sum(counts)], ...parts]
}

/** The table that ends a replay: plain digits, one row a number. */
export function formatReport(report: ReplayReport): string {
  const rows: [string, number][] = [
    ['lines', report.lines],
    ...rowsOf('skipped', report.skipped),
    ['page views', report.pageViews],
    ['accepted', report.accepted],
    ...rowsOf('dropped', report.dropped),
    ...rowsOf('rejected', report.rejected),
    ['not sent', report.notSent],
  ]
  const width = Math.max(...rows.map(([label]) => label.length)) + 2
  const digits = Math.max(...rows.map(([, count]) => String(count).length))
  return rows.map(([label, count]) => label.padEnd(width) + String(count).padStart(digits)).join('\n')
}

/** 1 when something could not be sent, or of all that was sent nothing was taken; else 0. */
export function exitCodeOf(report: ReplayReport): 0 | 1 {
  const isAllRefused = report.rejected.size > 0 && report.accepted + sum(report.dropped) === 0
  return report.failure !== undefined || report.notSent > 0 || isAllRefused ? 1 : 0
}
