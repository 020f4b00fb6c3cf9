import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { authorization, serverXml, usersXml } from './engine.config.js'
import type { EngineConfig } from './engine.config.js'
import { ENGINE_ENTRY } from './engine.entry.js'
import type { EngineLibrary } from './engine.platform.js'

/** What every start of one engine shares; the port is new each time. */
export interface EngineSetup extends Omit<EngineConfig, 'httpPort'> {
  readonly library: EngineLibrary
  readonly configDir: string
}

/** One running process of the engine. */
export interface EngineChild {
  readonly url: string
  readonly pid: number
  /** Resolves to how the process ended, in words. */
  readonly exited: Promise<string>
  /** Ends it in order, by force if that takes too long; resolves when the process is gone. */
  stop(): Promise<void>
}

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000
const ERROR_TAIL = 4_000

/**
 * Starts one process of the engine and waits until it answers.
 * @throws Error whose message is the engine's own reason; the process is gone then.
 */
export async function startEngineChild(setup: EngineSetup, signal: AbortSignal): Promise<EngineChild> {
  const httpPort = await freePort()
  const configFile = join(setup.configDir, 'server.xml')
  const config = { ...setup, httpPort }
  await writeFile(setup.usersFile, usersXml(config), { mode: 0o600 })
  await writeFile(configFile, serverXml(config), { mode: 0o600 })
  const child = launch(setup, configFile)
  const output = tail(child)
  const exited = end(child)
  const url = `http://127.0.0.1:${httpPort}`
  try {
    await ready(url, authorization(config), exited, signal)
  } catch (error) {
    child.kill('SIGKILL')
    await exited
    throw new Error(output() || (error as Error).message, { cause: error })
  }
  return { url, pid: child.pid as number, exited, stop: () => stopChild(child, exited) }
}

/** No environment goes along: it holds secrets, and settings of Node that are not meant for this process. */
function launch({ library, configDir }: EngineSetup, configFile: string): ChildProcess {
  const args = ['--input-type=commonjs', '--eval', ENGINE_ENTRY, library.ffi, library.library, configFile]
  const child = spawn(process.execPath, args, { cwd: configDir, stdio: ['pipe', 'ignore', 'pipe'], env: { TZ: 'UTC' } })
  child.stdin?.on('error', () => {}) // EPIPE when the engine died first: `exited` tells
  return child
}

function tail(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-ERROR_TAIL)
  })
  return () => /(?:Code: \d+|Error: ).*/.exec(text)?.[0] ?? text.trim()
}

function end(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
}

async function ready(url: string, header: string, exited: Promise<string>, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)])
  let ended: string | undefined
  void exited.then((how) => (ended = how))
  while (!(await answers(url, header))) {
    if (ended !== undefined) throw new Error(ended)
    if (deadline.aborted) throw new Error(signal.aborted ? 'stopped' : `no answer within ${READY_WITHIN_MS / 1000} s`)
    await delay(15)
  }
}

async function answers(url: string, header: string): Promise<boolean> {
  const headers = { authorization: header, connection: 'close' }
  try {
    const response = await fetch(`${url}/?query=SELECT+1`, { headers, signal: AbortSignal.timeout(1_000) })
    return (await response.text()) === '1\n'
  } catch {
    return false
  }
}

async function stopChild(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await exited
  clearTimeout(timer)
}

/** Another process may take the port before the engine does: the start then fails and is tried again on another. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
