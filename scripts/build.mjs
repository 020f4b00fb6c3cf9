// `npm run build`: the services by Nest's builder, the browser scripts by rolldown, all into dist/.
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleServices } from './bundle-services.mjs'
import { buildWeb } from './build-web.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', 'standalone'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)
await bundleServices()
await buildWeb()
writeFileSync('dist/.built', '')
