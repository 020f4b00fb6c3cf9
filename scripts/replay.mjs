// `npm run replay -- FILE --site ID …`: see --help. Builds first, as `npm start` does.
import { buildIfNeeded } from './build-if-needed.mjs'

buildIfNeeded()
await import('../dist/apps/replay/src/main.js')
