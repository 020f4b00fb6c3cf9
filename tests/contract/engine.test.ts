import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Engine, startEngine } from '../../libs/adapters/embedded/src/engine/engine.supervisor.js'

const authorization = ({ username, password }: Pick<Engine, 'username' | 'password'>): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
})

async function ask(
  engine: Engine,
  sql: string,
  headers = authorization(engine),
): Promise<{ status: number; text: string }> {
  const response = await fetch(engine.url(), {
    method: 'POST',
    body: sql,
    headers: { ...headers, connection: 'close' },
  })
  return { status: response.status, text: (await response.text()).trim() }
}

/** A process that ended and was not yet collected is not alive. */
const alive = async (pid: number): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tZ')
  return !status.includes('State:\tZ')
}

describe('the ClickHouse engine as a child process', () => {
  let dataDir: string
  let engine: Engine
  beforeAll(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'truycap-engine-')), 'made', 'by-start')
    engine = await startEngine({ dataDir })
  })
  afterAll(async () => {
    await engine.stop()
    await rm(resolve(dataDir, '../..'), { recursive: true, force: true })
  })

  it('answers its owner on loopback, and nobody else', async () => {
    expect(new URL(engine.url()).hostname).toBe('127.0.0.1')
    expect(await ask(engine, 'SELECT currentUser()')).toEqual({ status: 200, text: 'truycap' })
    for (const stranger of [
      {},
      { 'x-clickhouse-user': 'default' },
      authorization({ username: 'default', password: '' }),
    ]) {
      expect((await ask(engine, 'SELECT 1', stranger)).status).toBe(404)
    }
    expect((await fetch(`${engine.url()}/?user=default&query=SELECT+1`)).status).toBe(404)
  })

  it.each([
    ["SELECT * FROM file('/etc/passwd', 'LineAsString', 'line String')", 'READ ON FILE'],
    ["SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString', 'line String')", 'READ ON URL'],
    ["CREATE TABLE truycap.u (x String) ENGINE = URL('http://127.0.0.1:9/', 'LineAsString')", 'TABLE ENGINE ON URL'],
    ['SYSTEM STOP LISTEN HTTP', 'SYSTEM LISTEN'],
    ['CREATE DATABASE other ENGINE = Atomic', 'CREATE DATABASE'],
  ])('even its owner may not: %s', async (sql, grant) => {
    const { text } = await ask(engine, sql)
    expect(text).toContain('ACCESS_DENIED')
    expect(text).toContain(grant)
  })

  it('keeps its folder to itself, and no log of queries', async () => {
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
    await ask(engine, "SELECT 'a secret' FROM nowhere")
    const logs = await ask(engine, "SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%_log'")
    expect(logs.text).toBe('')
  })

  it('lives through signals that are meant for its parent', async () => {
    const { pid } = engine
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid as number, signal)
    expect((await ask(engine, 'SELECT 1')).text).toBe('1')
    expect(engine.pid).toBe(pid)
  })

  it('comes back by itself after a crash, and says that it was down', async () => {
    const down = vi.fn<() => void>()
    engine.onDown(down)
    for (const signal of ['SIGKILL', 'SIGSEGV'] as const) {
      const { pid } = engine
      process.kill(pid as number, signal)
      await vi.waitUntil(() => engine.pid !== undefined && engine.pid !== pid, { timeout: 20_000, interval: 20 })
      expect((await ask(engine, 'SELECT 1')).text).toBe('1')
    }
    expect(down).toHaveBeenCalledTimes(2)
  })
})

describe('starting and ending the engine', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'truycap-engine-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  it('refuses a folder that another engine uses, with its reason', async () => {
    const dataDir = join(root, 'taken')
    const first = await startEngine({ dataDir })
    await expect(startEngine({ dataDir, startWithinMs: 500 })).rejects.toThrow(
      /^The ClickHouse engine did not start: .*Another server instance/,
    )
    expect((await ask(first, 'SELECT 1')).text).toBe('1')
    await first.stop()
  })

  it('refuses a folder that it cannot make, with its reason', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(startEngine({ dataDir: join(root, 'file', 'engine') })).rejects.toThrow(
      /^The ClickHouse engine cannot use its folder: /,
    )
  })

  it('is gone when stop resolves, stops twice, and does not come back', async () => {
    const engine = await startEngine({ dataDir: join(root, 'stopped') })
    const pid = engine.pid as number
    await Promise.all([engine.stop(), engine.stop()])
    expect(await alive(pid)).toBe(false)
    expect(engine.pid).toBeUndefined()
  })

  it('can be stopped while it is being started again', async () => {
    const engine = await startEngine({ dataDir: join(root, 'reviving') })
    const down = new Promise<void>((resolve) => engine.onDown(resolve))
    process.kill(engine.pid as number, 'SIGKILL')
    await down
    await engine.stop()
    expect(engine.pid).toBeUndefined()
  })

  it('leaves no orphan when its parent is killed, and the folder is free again', async () => {
    const dataDir = join(root, 'orphan')
    const bundle = resolve('.cache', `engine-${process.pid}.mjs`)
    const parent = await startParent(bundle, dataDir)
    try {
      const [output] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
      const pid = Number(output)
      expect(await alive(pid)).toBe(true)
      parent.kill('SIGKILL')
      const again = await startEngine({ dataDir })
      expect(await alive(pid)).toBe(false)
      await again.stop()
    } finally {
      parent.kill('SIGKILL')
      await rm(bundle)
    }
  })
})

/** A parent of its own that starts the engine and says its pid; bundled, because plain Node runs no TypeScript. */
async function startParent(bundle: string, dataDir: string) {
  const input = resolve('libs/adapters/embedded/src/engine/engine.supervisor.ts')
  const build = await rolldown({ input, platform: 'node' })
  await build.write({ file: bundle, format: 'esm' })
  const code = `const { startEngine } = await import(${JSON.stringify(bundle)})
    const engine = await startEngine({ dataDir: ${JSON.stringify(dataDir)} })
    console.log(engine.pid)`
  return spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] })
}
