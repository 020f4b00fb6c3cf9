// What the tests need of the system: Chromium for the browser tests, faketime for those that move the clock.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

const NEEDED = [
  {
    name: 'chromium',
    isThere: () => existsSync(CHROMIUM),
    otherwise: `Elsewhere set CHROMIUM_PATH (now ${CHROMIUM}).`,
  },
  {
    name: 'faketime',
    isThere: () => readdirSync('/usr/lib').some((folder) => existsSync(`/usr/lib/${folder}/faketime`)),
    otherwise: '',
  },
]

const isMissing = ({ isThere }) => !isThere()

/** Makes sure that all of them are there: as root on Debian it installs them, else it says the exact command and exits 1. */
export function ensureDebianPackages() {
  const missing = NEEDED.filter(isMissing)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(' ')
  const command = `apt-get update && apt-get install -y --no-install-recommends ${names}`
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`Installing ${names} from Debian …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (!NEEDED.some(isMissing)) return
  }
  const hints = missing.map(({ otherwise }) => otherwise).join('\n')
  console.error(`The tests need ${names}. On Debian, as root:\n  ${command}\n${hints}`.trimEnd())
  process.exit(1)
}
