// `npm run faults -- --minutes N --seed S`: the chaos of both modes again and again with the seeds S, S+1, …, each on new servers,
// until N minutes are over. Every run prints one line with its seed; the first that fails ends it, and its seed repeats it.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildIfNeeded } from './build-if-needed.mjs'
import { ensureDebianPackages } from './debian-packages.mjs'

const FILES = ['tests/faults/cluster-kills.test.ts', 'tests/faults/kill-9.test.ts']
const MOST_MINUTES = 24 * 60
/** Far longer than one run takes on a busy machine; one that hangs is a failure. */
const RUN_MS = 12 * 60_000

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? 10)
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_007)
if (!(minutes > 0 && minutes <= MOST_MINUTES) || !Number.isSafeInteger(firstSeed) || firstSeed < 0) {
  console.error(`npm run faults -- --minutes 1…${MOST_MINUTES} --seed WHOLE_NUMBER`)
  process.exit(1)
}
buildIfNeeded()
ensureDebianPackages()

const endsAt = performance.now() + minutes * 60_000
let seed = firstSeed
do {
  console.log(`seed ${seed}`)
  const code = await run(seed)
  if (code !== 0) {
    console.error(`failed: npm run faults -- --minutes 1 --seed ${seed}`)
    process.exit(1)
  }
  seed++
} while (performance.now() < endsAt)
console.log(`${seed - firstSeed} runs, seeds ${firstSeed} to ${seed - 1}: nothing lost, nothing doubled`)

/** One run; its own end takes its servers with it, so it is asked to end and not killed. */
function run(seedOfRun) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'faults', ...FILES]
  const env = { ROUNDS: 'all', ...process.env, SEED: String(seedOfRun) }
  const child = spawn(process.execPath, args, { stdio: 'inherit', env, timeout: RUN_MS, killSignal: 'SIGTERM' })
  return new Promise((resolve) => child.once('exit', resolve))
}
