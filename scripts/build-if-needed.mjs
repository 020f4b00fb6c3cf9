import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'dist/.built')

function newest(folder) {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((file) => file.isFile())
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs))
}

/** What goes into dist/ besides our sources: the packages that are installed, and how it is built. */
const OTHER_SOURCES = ['node_modules/.package-lock.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json']

/** Builds dist/ if it is missing or older than its sources, without a word; a failed build is shown, exit code 1. */
export function buildIfNeeded() {
  const others = OTHER_SOURCES.map((file) => join(root, file)).filter((file) => existsSync(file))
  const sources = [
    ...['apps', 'libs', 'web', 'scripts'].map((folder) => newest(join(root, folder))),
    ...others.map((file) => statSync(file).mtimeMs),
  ]
  if (existsSync(stamp) && Math.max(...sources) <= statSync(stamp).mtimeMs) return
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}\nThe build failed.\n`)
  process.exit(1)
}
