// `npm run migrate`: makes the topics and tables of a cluster, see the README. Builds first, as `npm start` does.
import { buildIfNeeded } from './build-if-needed.mjs'

buildIfNeeded()
await import('../dist/apps/migrate/src/main.js')
