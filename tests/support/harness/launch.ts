import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { endTree, own, tempFolder } from './cleanup.js'
import type { ProcessTree } from './processes.js'
import { aliveIn, argumentsOf } from './processes.js'
import { pause, until } from './until.js'

export const REPOSITORY = resolve(import.meta.dirname, '../../..')
export const TEST_ADMIN_KEY = 'admin-key-of-the-tests-0123456789abcdef'

/**
 * The prefix command of a start as another user, who may read everything, so that the checkout can lie anywhere, and
 * write only what is his. Only root can become another user: elsewhere the start fails and says so.
 */
export const AS_NOBODY: readonly string[] = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--inh-caps=+dac_read_search',
  '--ambient-caps=+dac_read_search',
]

export interface LaunchOptions {
  /** Over the harness's own; undefined takes a name away. The test runner's environment is not passed on. */
  env?: Readonly<Record<string, string | undefined>>
  /** A folder to use (and keep) in place of a new temporary one. */
  dataDir?: string
  nodeArgs?: readonly string[]
  /** Put before the command: `['faketime', '2026-12-31 23:59:58']`, AS_NOBODY. */
  prefixCommand?: readonly string[]
  entry?: string
  /** Put after the entry. */
  args?: readonly string[]
  cwd?: string
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Stopped extends Exit {
  durationMs: number
  /** It did not end by itself in time and was killed. */
  wasKilled: boolean
  /** Processes of its tree that outlived it by a second (then killed); should be 0. */
  leftBehind: number
}

/** A started process and what it has said so far; nothing is known yet about whether it works. */
export interface Launched {
  /** The process to signal: the program itself, also behind a wrapper that forks (faketime does). */
  readonly pid: number
  /** What was started: the wrapper in front of the program, or the program. */
  readonly rootPid: number
  readonly dataDir: string
  readonly exited: Promise<Exit>
  stdout(): string
  stderr(): string
  /** Whole lines of stderr and stdout that are JSON objects. */
  logs(): Record<string, unknown>[]
  stop(timeoutMs?: number): Promise<Stopped>
  killTree(): Promise<void>
}

function environmentOf(options: LaunchOptions, dataDir: string, mark: string): NodeJS.ProcessEnv {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    HOST: '127.0.0.1',
    PORT: '0',
    OPS_PORT: '0',
    TRUYCAP_DATA_DIR: dataDir,
    TRUYCAP_ADMIN_KEY: TEST_ADMIN_KEY,
    ...options.env,
    HARNESS_MARK: mark,
  }
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : []
    } catch {
      return []
    }
  })
}

/** `TEST_LOGS=folder` keeps there what every process said, for who has to find out. */
function keep(stream: NodeJS.ReadableStream | null, name: string): void {
  const folder = process.env['TEST_LOGS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  stream?.pipe(createWriteStream(resolve(folder, name)))
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = []
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => chunks.push(chunk))
  return () => chunks.join('')
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  // Output can arrive just after the exit; the pipes stay open as long as an orphan holds them.
  if (!child.stdout?.closed) await Promise.race([once(child, 'close'), pause(200)])
  return { code, signal }
}

/** The wrappers start the program as a process of their own, or become it; it is the node that runs `entry`. */
function programPid(tree: ProcessTree, entry: string): number {
  const runsEntry = (pid: number) => {
    const [command = '', ...rest] = argumentsOf(pid)
    return basename(command) === basename(process.execPath) && rest.includes(entry)
  }
  return aliveIn(tree).find(({ pid }) => runsEntry(pid))?.pid ?? tree.rootPid
}

async function stopTree(tree: ProcessTree, pid: number, exited: Promise<Exit>, timeoutMs: number): Promise<Stopped> {
  const startedAt = performance.now()
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // Already gone: the exit says how.
  }
  const late = Symbol('late')
  const giveUp = new AbortController()
  const first = await Promise.race([exited, pause(timeoutMs, late, { signal: giveUp.signal })])
  giveUp.abort()
  const durationMs = performance.now() - startedAt
  const wasKilled = first === late
  const isGone = () => aliveIn(tree).length === 0
  if (!wasKilled) await until(isGone, { timeoutMs: 1000, everyMs: 10 }).catch(() => false)
  const leftBehind = wasKilled ? 0 : aliveIn(tree).length
  await endTree(tree)
  return { ...(await exited), durationMs, wasKilled, leftBehind }
}

/**
 * Starts the program and comes back at once. Its folder and its whole tree of processes end with `endEverything()`,
 * whatever happens to the test.
 */
export function launch(options: LaunchOptions = {}): Launched {
  const dataDir = options.dataDir ?? tempFolder()
  const entry = options.entry ?? resolve(REPOSITORY, 'dist/apps/standalone/src/main.js')
  const mark = randomUUID()
  const [command = process.execPath, ...args] = [
    ...(options.prefixCommand ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    entry,
    ...(options.args ?? []),
  ]
  const env = environmentOf(options, dataDir, mark)
  const child = spawn(command, args, { cwd: options.cwd ?? REPOSITORY, env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.once('error', () => undefined)
  if (child.pid === undefined) throw new Error(`could not start ${command}`)
  const tree: ProcessTree = { rootPid: child.pid, mark, seen: [] }
  own(tree)
  keep(child.stderr, `${basename(dirname(dirname(entry)))}-${child.pid}.log`)
  const [stdout, stderr, exited] = [collect(child.stdout), collect(child.stderr), exitOf(child)]
  return {
    get pid() {
      return programPid(tree, entry)
    },
    rootPid: tree.rootPid,
    dataDir,
    exited,
    stdout,
    stderr,
    logs: () => [...jsonLines(stderr()), ...jsonLines(stdout())],
    stop: (timeoutMs = 35_000) => stopTree(tree, programPid(tree, entry), exited, timeoutMs),
    killTree: async () => {
      await endTree(tree)
      await exited
    },
  }
}
