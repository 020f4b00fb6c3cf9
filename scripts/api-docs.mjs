// `npm run build && node scripts/api-docs.mjs`: writes docs/api.md from what the built code says of itself.
import 'reflect-metadata'
import { writeFileSync } from 'node:fs'
import { apiMarkdown } from '../dist/apps/api/src/openapi/api-markdown.js'
import { apiOperations } from '../dist/apps/api/src/openapi/api-document.js'

writeFileSync(new URL('../docs/api.md', import.meta.url), apiMarkdown(apiOperations()))
