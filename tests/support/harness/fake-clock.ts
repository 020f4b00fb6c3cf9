import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './cleanup.js'
import { pause } from './until.js'

/** How long a process may go on with the clock it last looked up. */
const CACHE_SECONDS = 1

/** A clock for processes that are started with `prefixCommand`: the machine's, moved. Their timers run on as they are. */
export interface FakeClock {
  readonly prefixCommand: readonly string[]
  /** What such a process sees now, ms. */
  now(): number
  /** Moves it so that it is `atMs` now; resolves when every process that is running under it follows. */
  set(atMs: number): Promise<void>
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
  const move = (toMs: number) => {
    offsetMs = toMs - Date.now()
    writeFileSync(file, `${offsetMs < 0 ? '-' : '+'}${Math.abs(offsetMs) / 1000}\n`)
  }
  move(atMs)
  return {
    prefixCommand: [
      'env',
      `LD_PRELOAD=${faketimeLibrary()}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      `FAKETIME_CACHE_DURATION=${CACHE_SECONDS}`,
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
    ],
    now: () => Date.now() + offsetMs,
    set: async (toMs) => {
      const landsMs = CACHE_SECONDS * 1000 + 200
      move(toMs - landsMs)
      await pause(landsMs)
    },
  }
}
