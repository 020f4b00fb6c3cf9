import cliProgress from 'cli-progress'

export interface Progress {
  reach(line: number): void
  end(): void
}

/** A bar on a terminal, and a plain line every tenth of the way elsewhere; both on `stream`, which is stderr. */
export function showProgress(total: number, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bar(total, stream) : plainLines(total, stream)
}

function bar(total: number, stream: NodeJS.WriteStream): Progress {
  const shown = new cliProgress.SingleBar(
    { stream, format: '{bar} {percentage}% | {value} of {total} lines | {duration_formatted}', hideCursor: true },
    cliProgress.Presets.shades_classic,
  )
  shown.start(total, 0)
  return { reach: (line) => shown.update(line), end: () => shown.stop() }
}

/** Exported for its test: what a log file of a scheduled job sees. */
export function plainLines(total: number, stream: Pick<NodeJS.WriteStream, 'write'>): Progress {
  let tenths = 0
  return {
    reach(line) {
      const reached = Math.floor((line * 10) / total)
      if (reached <= tenths) return
      tenths = reached
      stream.write(`${line} of ${total} lines\n`)
    },
    end: () => undefined,
  }
}
