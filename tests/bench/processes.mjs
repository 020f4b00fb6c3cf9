// Starting, pinning and measuring the processes of a bench.
import { fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (file) => fileURLToPath(new URL(file, import.meta.url))
const root = here('../..')
export const KEY = 'admin-key-of-the-bench-0123456789abcdef'
const SERVER_CORE = 0
const LOAD_CORE = 1

export const canPin = cpus().length > 1 && spawnSync('taskset', ['-V']).error === undefined

/** `taskset` only where there are two cores to choose from. */
const pinned = (core, command) => (canPin ? ['taskset', '-c', String(core), ...command] : command)

function start(core, args, env) {
  const [command, ...rest] = pinned(core, [process.execPath, ...args])
  return spawn(command, rest, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function stop(child) {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

/** CPU seconds of a process so far, all its threads together. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function childOf(pid) {
  return readdirSync('/proc').find((name) => {
    try {
      const stat = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/stat`, 'latin1') : ''
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid)
    } catch {
      return false
    }
  })
}

export async function startBare() {
  const child = start(SERVER_CORE, [here('bare.server.mjs')], {})
  const [line] = await once(createInterface(child.stdout), 'line')
  return { pid: child.pid, port: Number(line), settled: async () => undefined, stop: () => stop(child) }
}

/**
 * The product on a folder of its own. Its ClickHouse engine goes to the other core: it is another process, whose part is
 * reported by itself. `settled` resolves when both groups have applied all that was sent.
 */
export async function startProduct(nodeArgs = []) {
  const folder = mkdtempSync(join(tmpdir(), 'truycap-bench-'))
  const env = {
    TRUYCAP_DATA_DIR: folder,
    TRUYCAP_ADMIN_KEY: KEY,
    PORT: '0',
    OPS_PORT: '0',
    TRUST_PROXY: '127.0.0.1',
    LOG_LEVEL: 'warn',
  }
  const child = start(SERVER_CORE, [...nodeArgs, 'dist/apps/standalone/src/main.js'], env)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const { value: url } = await lines.next()
  const { value: second } = await lines.next()
  const opsUrl = /http:\S+/.exec(second)[0]
  const enginePid = childOf(child.pid)
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(LOAD_CORE), enginePid])
  return {
    pid: child.pid,
    enginePid,
    port: Number(new URL(url).port),
    settled: () => settled(opsUrl),
    metrics: () => fetch(`${opsUrl}metrics`).then((answer) => answer.text()),
    stop: async () => {
      await stop(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function settled(opsUrl) {
  for (;;) {
    const text = await (await fetch(`${opsUrl}metrics`)).text()
    const lags = [...text.matchAll(/^truycap_consumer_lag\{.*\} (\d+)$/gm)].map(([, lag]) => Number(lag))
    if (lags.length > 0 && lags.every((lag) => lag === 0)) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** The load generator on its core; `run` gives what one round came to. */
export function startLoad() {
  const child = fork(here('load.mjs'), { execArgv: [] })
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(LOAD_CORE), String(child.pid)])
  return {
    async run(order) {
      child.send(order)
      const [{ result, error }] = await once(child, 'message')
      if (error !== undefined) throw new Error(error)
      return result
    },
    stop: () => child.kill(),
  }
}
