// What the tests need of the system: Chromium for the browser tests, faketime for those that move the clock, and for the
// cluster Redis, Java with Maven (which fetches Kafka) and nginx in front.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Servers lie in /usr/sbin, which is not on everybody's PATH. */
const isProgram = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => existsSync(join(folder, name)))

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
  {
    name: 'redis-server',
    isThere: () => isProgram('redis-server'),
    otherwise: 'Elsewhere Redis 7 is the package redis; its redis-server belongs on the PATH.',
  },
  {
    name: 'openssl',
    isThere: () => isProgram('openssl'),
    otherwise: '',
  },
  {
    name: 'nginx-light',
    isThere: () => isProgram('nginx'),
    otherwise: 'Elsewhere it is the package nginx.',
  },
  {
    name: 'default-jre-headless',
    isThere: () => isProgram('java'),
    otherwise: 'Elsewhere any Java from 17 on is fine: java-17-openjdk-headless, openjdk@17.',
  },
  {
    name: 'maven',
    isThere: () => isProgram('mvn'),
    otherwise: 'Elsewhere it is maven too; its mvn belongs on the PATH.',
  },
]

const isMissing = ({ isThere }) => !isThere()

/** Makes sure that all of them are there: as root on Debian it installs them, else it says the exact command and exits 1. */
export function ensureDebianPackages() {
  const missing = NEEDED.filter(isMissing)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(' ')
  // Redis and nginx come as services. In run level 1 Debian starts none, so they take no port of this machine; where
  // systemd runs they start as always, and no test minds.
  const command = `apt-get update && RUNLEVEL=1 apt-get install -y --no-install-recommends ${names}`
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`Installing ${names} from Debian …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (!NEEDED.some(isMissing)) return
  }
  const hints = missing.flatMap(({ otherwise }) => otherwise || []).join('\n')
  console.error(`The tests need ${names}. On Debian, as root:\n  ${command}\n${hints}`.trimEnd())
  process.exit(1)
}
