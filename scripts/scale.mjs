// `npm run scale`: a cluster with 1,000 sites and 100,000 paths, and the rates of the log against its driver alone. Prints figures.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildIfNeeded } from './build-if-needed.mjs'
import { ensureDebianPackages } from './debian-packages.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
buildIfNeeded()
ensureDebianPackages()
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'scale']
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
