const LF = 0x0a
const CR = 0x0d

/** One line that is not blank, counted from 1 with the blank ones (contract section 3). */
export interface NumberedLine {
  readonly line: number
  /** Without its line end; may be a view of the pushed chunk. */
  readonly bytes: Uint8Array | 'too_large'
}

export interface LineSplitter {
  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): NumberedLine[]
  /** The last line when no line end followed it; the splitter is used up then. */
  end(): NumberedLine[]
}

/**
 * Splits a stream of NDJSON at LF or CRLF. Lines of at most `limitBytes` (line end not counted) come whole, longer ones as
 * `too_large`. Blank lines (empty or white space) are numbered and left out. Holds at most `limitBytes + 1` bytes
 * between two chunks, however long a line is.
 */
export function createLineSplitter(limitBytes: number): LineSplitter {
  // One byte more than a line may have: it may turn out to be the CR of the line end.
  const pending = createPending(limitBytes + 1)
  let line = 0

  const close = (bytes: Uint8Array | null): NumberedLine[] => {
    line++
    const content = bytes === null ? null : withoutCr(bytes)
    if (content === null || content.length > limitBytes) return [{ line, bytes: 'too_large' }]
    return isBlank(content) ? [] : [{ line, bytes: content }]
  }

  return {
    push(chunk) {
      const lines: NumberedLine[] = []
      let start = 0
      for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, start)) {
        lines.push(...close(pending.take(chunk.subarray(start, at))))
        start = at + 1
      }
      pending.add(chunk.subarray(start))
      return lines
    },
    end: () => (pending.isEmpty() ? [] : close(pending.take(new Uint8Array(0)))),
  }
}

/** The beginning of a line whose end was not seen yet; null once it is longer than the capacity. */
interface Pending {
  add(bytes: Uint8Array): void
  /** All of the line, ended by `rest`; null when it is too long. Empty afterwards. */
  take(rest: Uint8Array): Uint8Array | null
  isEmpty(): boolean
}

function createPending(capacity: number): Pending {
  const buffer = new Uint8Array(capacity)
  let length = 0

  const add = (bytes: Uint8Array): void => {
    if (length + bytes.length <= capacity) buffer.set(bytes, length)
    length = Math.min(length + bytes.length, capacity + 1)
  }

  const take = (rest: Uint8Array): Uint8Array | null => {
    if (length === 0) return rest
    add(rest)
    const whole = length > capacity ? null : buffer.slice(0, length)
    length = 0
    return whole
  }

  return { add, take, isEmpty: () => length === 0 }
}

function withoutCr(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes
}

/** Of JSON's white space; LF cannot be inside a line. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR)
}
