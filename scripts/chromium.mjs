// The browser tests need a real Chromium. Debian's package brings it; as root on Debian it is installed here.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const COMMAND = 'apt-get update && apt-get install -y --no-install-recommends chromium'

/** Makes sure that Chromium is there, or says how to get it and exits 1. */
export function ensureChromium() {
  if (existsSync(CHROMIUM)) return
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (canInstall) {
    console.log('Installing Chromium from Debian …')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('sh', ['-c', COMMAND], { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (existsSync(CHROMIUM)) return
  }
  console.error(
    `The browser tests need Chromium at ${CHROMIUM}. On Debian, as root:\n  ${COMMAND}\nElsewhere set CHROMIUM_PATH.`,
  )
  process.exit(1)
}
