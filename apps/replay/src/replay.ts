import { parseCombinedLine } from './combined-log.js'
import { CouldNotSend, sendBatch } from './events-door.js'
import type { LogExtent, NumberedLine } from './log-file.reader.js'
import { LINE_LIMIT_BYTES, readLines } from './log-file.reader.js'
import type { SkipReason } from './page-view.js'
import { judgeLine } from './page-view.js'
import type { ReplayOptions } from './replay-options.js'
import type { ReplayReport } from './report.js'
import { addAnswer, emptyReport, tally } from './report.js'
import type { EventFrame, ServerEvent } from './server-event.js'
import { eventIdOf, serverEventOf } from './server-event.js'

const BATCH_EVENTS = 1000
/** The door takes 8 KiB a line (contract section 3). */
const EVENT_LIMIT_BYTES = 8192

/** How far the log is moved so that its latest line is at `end`. */
export function shiftSecondsOf(latestSeconds: number, end: ReplayOptions['end'], nowMs: number): number {
  if (end === undefined) return 0
  return (end === 'now' ? Math.floor(nowMs / 1000) : end) - latestSeconds
}

type LineVerdict = { event: ServerEvent } | { skipped: SkipReason }

function eventOf(
  { number, text }: NumberedLine,
  takeAll: boolean,
  oldestSeconds: number,
  frame: EventFrame,
): LineVerdict {
  if (text === '') return { skipped: 'empty' }
  if (text.length > LINE_LIMIT_BYTES) return { skipped: 'too_long' }
  const line = parseCombinedLine(text)
  if (line && line.atSeconds < oldestSeconds) return { skipped: 'older' }
  const verdict = judgeLine(line, takeAll)
  if ('skipped' in verdict) return verdict
  const event = serverEventOf(verdict.request, eventIdOf(number, text), frame)
  return Buffer.byteLength(JSON.stringify(event)) > EVENT_LIMIT_BYTES ? { skipped: 'too_long' } : { event }
}

/** Batches on their way to the door. After one that could not be sent, the rest is only counted. */
class Sender {
  private batch: ServerEvent[] = []

  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly report: ReplayReport,
  ) {}

  async add(event: ServerEvent): Promise<void> {
    this.report.pageViews += 1
    this.batch.push(event)
    if (this.batch.length >= BATCH_EVENTS) await this.flush()
  }

  async flush(): Promise<void> {
    const events = this.batch
    this.batch = []
    if (events.length === 0) return
    try {
      if (this.report.failure === undefined) return addAnswer(this.report, await sendBatch(this.url, this.key, events))
    } catch (error) {
      if (!(error instanceof CouldNotSend)) throw error
      this.report.failure = error.message
    }
    this.report.notSent += events.length
  }
}

/**
 * Second pass over a log: its page views, moved in time, to the site. Lines that were written after the first pass
 * (`extent`) are left alone. Never throws because of the door: the report says what could not be sent.
 */
export async function replayLog(
  options: ReplayOptions,
  extent: LogExtent & { latestSeconds: number },
  frame: EventFrame,
  key: string,
  onLine: (line: number) => void,
): Promise<ReplayReport> {
  const report = emptyReport()
  const sender = new Sender(options.url, key, report)
  const oldestSeconds = extent.latestSeconds - (options.lastSeconds ?? Infinity)
  for await (const line of readLines(options.file)) {
    if (line.number > extent.lines) break
    report.lines = line.number
    const verdict = eventOf(line, options.takeAll, oldestSeconds, frame)
    if ('event' in verdict) await sender.add(verdict.event)
    else tally(report.skipped, verdict.skipped)
    onLine(line.number)
  }
  await sender.flush()
  return report
}
