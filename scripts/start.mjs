// `npm start`: builds what is missing or older than its sources, then becomes the product, whose first line is its URL.
import { buildIfNeeded } from './build-if-needed.mjs'

buildIfNeeded()
await import('../dist/apps/standalone/src/main.js')
