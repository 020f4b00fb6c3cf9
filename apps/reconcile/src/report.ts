import { type Drift, DRIFT_PERIODS, largestDrifts } from '#domain'
import type { PartitionReport } from '#reconcile'

export interface Failure {
  readonly partition: number
  readonly reason: string
}

const HEAD = ['partition', 'sites', 'counters', ...DRIFT_PERIODS]

/**
 * A table of the largest drift by partition and period, then every counter that drifts, then what could not be compared.
 * Partitions without a site are left out.
 */
export function reportLines(reports: readonly PartitionReport[], failures: readonly Failure[]): string[] {
  const used = reports.filter(({ sites }) => sites > 0)
  const rows = [...used.map(rowOf), totalOf(used)]
  return [
    ...aligned([HEAD, ...rows]),
    ...used.flatMap(({ partition, drifts }) => drifts.map((drift) => driftLine(partition, drift))),
    ...failures.map(({ partition, reason }) => `Not compared: partition ${partition}. ${reason}`),
  ]
}

function rowOf({ partition, sites, counters, drifts }: PartitionReport): string[] {
  return [partition, sites, counters, ...Object.values(largestDrifts(drifts))].map(String)
}

function totalOf(reports: readonly PartitionReport[]): string[] {
  const sum = (of: (report: PartitionReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const largest = largestDrifts(reports.flatMap(({ drifts }) => drifts))
  return ['all', sum(({ sites }) => sites), sum(({ counters }) => counters), ...Object.values(largest)].map(String)
}

function driftLine(partition: number, { site, period, of, unit, counted, stored }: Drift): string {
  const place = period === 'views' ? `path ${of}` : `bucket ${of}`
  return `Drift: partition ${partition}, site ${site}, period ${period}, ${place}: ${unit} ${counted}, the store says ${stored}`
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
}
