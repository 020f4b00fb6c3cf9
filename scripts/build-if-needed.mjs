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

/** Builds dist/ if it is missing or older than its sources, without a word; a failed build is shown, exit code 1. */
export function buildIfNeeded() {
  const sources = ['apps', 'libs', 'web'].map((folder) => newest(join(root, folder)))
  if (existsSync(stamp) && Math.max(...sources) <= statSync(stamp).mtimeMs) return
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}\nThe build failed.\n`)
  process.exit(1)
}
