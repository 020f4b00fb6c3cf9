// `npm test`: everything a fresh machine can check, in order; each step prints its time, tiers have budgets (minutes).
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const vitest = (tier) => ['node_modules/vitest/vitest.mjs', 'run', '--project', tier]
const steps = [
  ['format', ['node_modules/oxfmt/bin/oxfmt', '--check', '.'], 1],
  ['lint', ['node_modules/oxlint/bin/oxlint', '--deny-warnings'], 1],
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'], 1],
  ['types of web', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'web/tsconfig.json'], 1],
  [
    'dependency rule',
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      'apps',
      'libs',
      'web',
      'tests',
      '--config',
      '.dependency-cruiser.mjs',
    ],
    1,
  ],
  ['unit', vitest('unit'), 1],
  ['build', ['scripts/build.mjs'], 1],
  ['contract', vitest('contract'), 3],
  ['end to end', vitest('e2e'), 3],
  ['e2e in a cluster', vitest('cluster'), 2],
  ['faults', vitest('faults'), 8],
  ['browser', vitest('browser'), 5],
]

// Brought beside the checks that need none of it and watch no clock.
const needs = spawn(process.execPath, ['scripts/test-needs.mjs'], { stdio: 'inherit' })
const brought = once(needs, 'exit')

const times = []
for (const [name, command, budgetMinutes] of steps) {
  if (name === 'unit' && (await brought)[0] !== 0) process.exit(1)
  console.log(`\n── ${name}`)
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, command, {
    stdio: 'inherit',
    timeout: budgetMinutes * 3 * 60_000, // a hang ends; a busy machine does not
    killSignal: 'SIGTERM',
  })
  const seconds = (performance.now() - startedAt) / 1000
  times.push(
    `${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s of ${budgetMinutes * 60}${seconds > budgetMinutes * 60 ? '  OVER BUDGET' : ''}`,
  )
  if (status !== 0) {
    console.error(`\n${name} failed.`)
    needs.kill()
    process.exit(1)
  }
}
console.log(`\n${times.join('\n')}`)
