import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endEverything, type Standalone, startStandalone, tempFolder } from '../support/harness/index.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const PAGES = ['README.md', 'CONTRIBUTING.md', 'web/README.md', ...inFolder('docs'), ...inFolder('docs/adr')]

/** Commands that take the whole checkout or a cluster and are run elsewhere: by the tests of start and cluster, and by CI itself. */
const RUN_ELSEWHERE =
  /^npm (ci|test|start)|^npx vitest|^npm run (build|bench|format|lint|migrate|reconcile|faults|scale)/

interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
}

function inFolder(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, body]) => ({ page, language, text: body }))
}

const blocks = PAGES.flatMap(blocksOf)
const commands = blocks.filter(
  ({ language, text }) =>
    language === 'sh' && !text.split('\n').every((line) => line === '' || RUN_ELSEWHERE.test(line)),
)

describe('the docs', () => {
  let product: Standalone
  let folder: string

  beforeAll(async () => {
    product = await startStandalone()
    await product.waitReady()
    folder = tempFolder()
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'admin.key'), product.adminKey)
    writeFileSync(join(folder, 'views.csv'), blocks.find(({ language }) => language === 'csv')!.text)
    const log = readFileSync(join(root, 'tests/support/data/semicomplete-2015-05.access.log'), 'utf8')
    writeFileSync(join(folder, 'access.log'), log.split('\n').slice(0, 200).join('\n'))
  })
  afterAll(endEverything)

  /** As a reader would fill it in: host, key, and the number of an entry that there is. */
  const filledIn = (text: string) =>
    text
      .replaceAll(/https?:\/\/(HOST|127\.0\.0\.1:8080)/g, product.url.replace(/\/$/, ''))
      .replaceAll('Bearer KEY', `Bearer ${product.adminKey}`)
      .replaceAll('/offsets/5-2', '/offsets/2-2')
      .replaceAll('curl ', 'curl --fail-with-body -sS ')
      .replaceAll('npm run replay -- ', `node ${root}/dist/apps/replay/src/main.js --url ${product.url} `)

  it('have commands to run', () => {
    expect(commands.length).toBeGreaterThanOrEqual(6)
  })

  it.each(commands)('$page: $text', async ({ text }) => {
    // Rejects when a command fails; curl is told to fail on an error status.
    await run('sh', ['-e', '-c', filledIn(text)], { cwd: folder, timeout: 60_000 })
  })

  it('name tests that there are, as proof of what is promised', () => {
    const text = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
    const named = [...text.matchAll(/`([^`]+\.ts)`/g)].map(([, file]) => file!)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('link to pages that there are', () => {
    for (const page of PAGES) {
      const text = readFileSync(join(root, page), 'utf8')
      for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(() => readFileSync(join(root, page, '..', target)), `${page}: ${target}`).not.toThrow()
      }
    }
  })
})
