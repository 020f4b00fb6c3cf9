// `npm run reconcile`: compares every counter of a cluster with the store, see the README. Builds first, as `npm start` does.
import { buildIfNeeded } from './build-if-needed.mjs'

buildIfNeeded()
await import('../dist/apps/reconcile/src/main.js')
