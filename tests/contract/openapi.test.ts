import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureSchemathesis } from '../../scripts/schemathesis.mjs'
import { endEverything, REPOSITORY, request, type Standalone, startStandalone } from '../support/harness/index.js'

const FUZZ = resolve(REPOSITORY, 'tests/support/fuzz')
const EXAMPLES = process.env['FUZZ_EXAMPLES'] ?? '5'

/** One run of the fuzzer over the operations of one door; all go side by side, as unknown sites make it wait. */
function fuzz(program: string, { url, adminKey }: Standalone, door: string): Promise<[number | null, string]> {
  const args = [
    '--config-file',
    resolve(FUZZ, 'schemathesis.toml'),
    'run',
    `${url}/v1/openapi.json`,
    '--max-examples',
    EXAMPLES,
    '--header',
    `Authorization: Bearer ${adminKey}`,
    '--include-tag',
    door,
    // Only the owner's door makes things that other requests can go on with.
    '--phases',
    door === 'owner' ? 'examples,coverage,fuzzing,stateful' : 'examples,coverage,fuzzing',
  ]
  const env = { PATH: process.env['PATH'], FUZZ_HOOKS: resolve(FUZZ, 'hooks.py'), NO_COLOR: '1' }
  const child = spawn(program, args, { env, cwd: resolve(REPOSITORY, '.cache'), stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((done, fail) => {
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => lines.push(text))
    child.once('error', fail)
    child.once('close', (code) => done([code, short(lines.join(''))]))
  })
}

/** Requests can be as long as the product allows. */
function short(output: string): string {
  return output
    .split('\n')
    .map((line) => line.slice(0, 300))
    .join('\n')
}

describe('GET /v1/openapi.json', () => {
  let product: Standalone
  /** The owner's door makes sites by the hundred, and others wait for the registry to be read. */
  let ofOwners: Standalone
  let program: string
  beforeAll(async () => {
    program = ensureSchemathesis()
    product = await startStandalone({ env: { RATE_PER_SECOND: '0' } })
    ofOwners = await startStandalone({ env: { RATE_PER_SECOND: '0' } })
    await product.waitReady()
  }, 180_000)
  afterAll(endEverything)

  it.concurrent.each(['browser', 'server', 'widget', 'owner'])(
    'says what the running server does, as far as a fuzzer can tell: %s',
    async (door) => {
      const [code, output] = await fuzz(program, door === 'owner' ? ofOwners : product, door)
      expect(output).toContain('No issues found')
      expect(code).toBe(0)
    },
    180_000,
  )

  it('needs no key and is OpenAPI 3.1', async () => {
    const answer = await request({ url: `${product.url}/v1/openapi.json` })
    expect(answer.json()).toMatchObject({ openapi: '3.1.0' })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })
})
