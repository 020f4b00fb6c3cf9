import type { Drift } from '#domain'
import { DRIFT_KINDS, type DriftSizes, driftSizes, type PartitionReport } from '#reconcile'

export interface Failure {
  readonly partition: number
  readonly reason: string
}

const HEAD = ['partition', 'sites', 'counters', ...DRIFT_KINDS]

/**
 * A table of the largest drift by partition and period, and of records without an outcome, then every counter that drifts, then
 * what could not be compared. Partitions without anything are left out.
 */
export function reportLines(reports: readonly PartitionReport[], failures: readonly Failure[]): string[] {
  const used = reports.filter(({ sites, unaccounted }) => sites > 0 || unaccounted !== 0)
  const rows = [...used.map(rowOf), totalOf(used)]
  return [
    ...aligned([HEAD, ...rows]),
    ...used.flatMap(({ partition, drifts }) => drifts.map((drift) => driftLine(partition, drift))),
    ...used.filter(({ unaccounted }) => unaccounted !== 0).map(tallyLine),
    ...failures.map(({ partition, reason }) => `Not compared: partition ${partition}. ${reason}`),
  ]
}

function rowOf(report: PartitionReport): string[] {
  const { partition, sites, counters } = report
  return [partition, sites, counters, ...cells(driftSizes(report))].map(String)
}

const cells = (sizes: DriftSizes) => DRIFT_KINDS.map((kind) => sizes[kind])

function totalOf(reports: readonly PartitionReport[]): string[] {
  const sum = (of: (report: PartitionReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const all = {
    drifts: reports.flatMap(({ drifts }) => drifts),
    unaccounted: sum(({ unaccounted }) => Math.abs(unaccounted)),
  }
  return ['all', sum(({ sites }) => sites), sum(({ counters }) => counters), ...cells(driftSizes(all))].map(String)
}

function tallyLine({ partition, unaccounted }: PartitionReport): string {
  const records = unaccounted > 0 ? `${unaccounted} have no outcome` : `${-unaccounted} outcomes have no record`
  return `Drift: partition ${partition}, of the records that were passed ${records}`
}

function driftLine(partition: number, { site, period, of, unit, counted, stored }: Drift): string {
  const place = period === 'views' ? `path ${of}` : `bucket ${of}`
  return `Drift: partition ${partition}, site ${site}, period ${period}, ${place}: ${unit} ${counted}, the store says ${stored}`
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
}
