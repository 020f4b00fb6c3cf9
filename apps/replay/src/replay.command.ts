import { holdIngestKey } from './ingest-key.js'
import { measureLog } from './log-file.reader.js'
import { showProgress } from './progress.js'
import { HELP, readOptions, UsageError } from './replay-options.js'
import type { ReplayOptions } from './replay-options.js'
import { replayLog, shiftSecondsOf } from './replay.js'
import type { ReplayReport } from './report.js'
import { exitCodeOf, formatReport } from './report.js'

export interface Terminal {
  stdout: Pick<NodeJS.WriteStream, 'write'>
  stderr: NodeJS.WriteStream
}

const instant = (seconds: number) => new Date(seconds * 1000).toISOString()

async function run(options: ReplayOptions, { stdout, stderr }: Terminal): Promise<ReplayReport> {
  const { lines, latestSeconds } = await measureLog(options.file)
  if (latestSeconds === undefined) throw new Error(`no line of ${options.file} is in the combined log format`)
  const shiftSeconds = shiftSecondsOf(latestSeconds, options.end, Date.now())
  const moved = shiftSeconds === 0 ? '' : `, moved to ${instant(latestSeconds + shiftSeconds)}`
  stdout.write(`${options.file}: ${lines} lines, the latest at ${instant(latestSeconds)}${moved}\n`)
  const held = await holdIngestKey(options)
  const progress = showProgress(lines, stderr)
  try {
    const frame = { siteId: options.siteId, host: options.host, shiftSeconds }
    return await replayLog(options, { lines, latestSeconds }, frame, held.key, progress.reach)
  } finally {
    progress.end()
    const complaint = await held.release()
    if (complaint !== undefined) stderr.write(`${complaint}\n`)
  }
}

function conclude(report: ReplayReport, { stdout, stderr }: Terminal): 0 | 1 {
  stdout.write(`${formatReport(report)}\n`)
  if (report.rejected.has('too_old'))
    stderr.write('too_old: the product takes the last 48 hours; --end now --last 47h moves and cuts a log\n')
  if (report.failure !== undefined)
    stderr.write(`could not send all: ${report.failure}\nrun it again: what was counted is not counted twice\n`)
  return exitCodeOf(report)
}

/** The whole command: arguments and environment in, exit code out. Never throws. */
export async function replayCommand(
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  terminal: Terminal,
): Promise<0 | 1 | 2> {
  try {
    const options = readOptions(args, env)
    if (options === 'help') {
      terminal.stdout.write(`${HELP}\n`)
      return 0
    }
    return conclude(await run(options, terminal), terminal)
  } catch (error) {
    const isUsage = error instanceof UsageError
    terminal.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    if (isUsage) terminal.stderr.write('--help tells more\n')
    return isUsage ? 2 : 1
  }
}
