// The fuzzer of the API document, schemathesis from PyPI, in an environment of its own under .cache/.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const VERSION = '4.32.5'
const folder = fileURLToPath(new URL(`../.cache/schemathesis-${VERSION}`, import.meta.url))
const program = `${folder}/bin/schemathesis`
const marker = `${folder}/.installed`
const commands = [
  ['python3', ['-m', 'venv', folder]],
  [`${folder}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`]],
  ['touch', [marker]],
]

/** Makes sure that it is installed and gives its path; throws with the commands to run when that does not work. */
export function ensureSchemathesis() {
  if (existsSync(marker)) return program
  rmSync(folder, { recursive: true, force: true })
  for (const [command, args] of commands) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status === 0) continue
    const lines = commands.map((one) => [one[0], ...one[1]].join(' ')).join('\n  ')
    throw new Error(
      `The fuzzer could not be installed (${error ?? stderr}). It needs Python 3.10 or later with venv:\n  ${lines}`,
    )
  }
  return program
}
