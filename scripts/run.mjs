// `node scripts/run.mjs replay|migrate|reconcile …`: a command of ours, see the README. Builds first, as `npm start` does.
import { buildIfNeeded } from './build-if-needed.mjs'

buildIfNeeded()
// The command finds its own arguments where it would without this script.
const [command] = process.argv.splice(2, 1)
await import(`../dist/apps/${command}/src/main.js`)
