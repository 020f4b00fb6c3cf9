import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './cleanup.js'

/** A clock for processes that are started with `prefixCommand`: the machine's, moved. Their timers run on as they are. */
export interface FakeClock {
  readonly prefixCommand: readonly string[]
  /** What such a process sees now, ms. */
  now(): number
  /** Moves it so that it is `atMs` now, also for processes that are running under it. */
  set(atMs: number): void
}

/** Debian's `faketime`, by its library: the wrapper cannot move the clock of a process that is running. */
function faketimeLibrary(): string {
  const file = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
  if (file === undefined) throw new Error('Debian’s package faketime is missing: apt-get install faketime')
  return file
}

export function fakeClock(atMs: number): FakeClock {
  const file = join(tempFolder(), 'offset')
  let offsetMs = 0
  const set = (toMs: number) => {
    offsetMs = toMs - Date.now()
    // Looked up at every call, so it must never be there in part.
    writeFileSync(`${file}.new`, `${offsetMs < 0 ? '-' : '+'}${Math.abs(offsetMs) / 1000}\n`)
    renameSync(`${file}.new`, file)
  }
  set(atMs)
  return {
    prefixCommand: [
      'env',
      `LD_PRELOAD=${faketimeLibrary()}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      'FAKETIME_NO_CACHE=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
    ],
    now: () => Date.now() + offsetMs,
    set,
  }
}
