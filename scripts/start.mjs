// `npm start`: builds what is missing or older than its sources, then becomes the product, whose first line is its URL.
// `node scripts/start.mjs collector|aggregator|api` becomes a service of a cluster.
import { buildIfNeeded } from './build-if-needed.mjs'

const WATCH_EVERY_MS = 250

buildIfNeeded()
// npm dies of a SIGTERM without passing it on; its child must not live on alone with the data folder locked.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}, WATCH_EVERY_MS).unref()
const service = ['collector', 'aggregator', 'api'].find((name) => name === process.argv[2]) ?? 'standalone'
await import(`../dist/apps/${service}/src/main.js`)
