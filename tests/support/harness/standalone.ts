import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { request } from './http.js'
import type { Exit, Launched, LaunchOptions } from './launch.js'
import { launch, REPOSITORY, TEST_ADMIN_KEY } from './launch.js'
import { until } from './until.js'

/** Where a running product is reached, and the key that may do all. */
export interface Admin {
  url: string
  adminKey: string
}

export interface Standalone extends Launched, Admin {
  /** The first line of stdout, which is the URL with the real port, as it was printed. */
  firstLine: string
  /** Without a slash at the end, like `opsUrl`. */
  url: string
  opsUrl: string
  waitReady(timeoutMs?: number): Promise<void>
}

/** The product ended, or said nothing in time, before it listened. */
export class DidNotStart extends Error {
  constructor(
    readonly exit: Exit | undefined,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`the product did not start (${JSON.stringify(exit ?? 'no exit')})\n${stdout}\n${stderr}`)
  }
}

const START_TIMEOUT_MS = 30_000

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/\/$/, '') : undefined
}

function listening(launched: Launched): { firstLine: string; url: string; opsUrl: string } | undefined {
  const stdout = launched.stdout()
  const line = launched.logs().find(({ msg }) => msg === 'listening')
  const opsUrl = asString(line?.['opsUrl'])
  if (!stdout.includes('\n') || opsUrl === undefined) return undefined
  const firstLine = stdout.slice(0, stdout.indexOf('\n')).trimEnd()
  return { firstLine, url: new URL(firstLine).origin, opsUrl }
}

/** Whether the product is built; the harness starts what a fresh `npm run build` left. */
function assertBuilt(options: LaunchOptions): void {
  const entry = options.entry ?? resolve(REPOSITORY, 'dist/apps/standalone/src/main.js')
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run npm run build first`)
}

/**
 * Starts standalone on free ports of 127.0.0.1 with a data folder of its own and waits until it listens: its first
 * line is a URL and a JSON log line says `{"msg":"listening","opsUrl":…}`. Rejects with DidNotStart.
 */
export async function startStandalone(options: LaunchOptions = {}): Promise<Standalone> {
  assertBuilt(options)
  const launched = launch(options)
  let exit: Exit | undefined
  void launched.exited.then((how) => (exit = how))
  const heard = await until(() => listening(launched) ?? exit, {
    timeoutMs: START_TIMEOUT_MS,
    everyMs: 20,
    what: 'the product to listen',
  }).catch(() => undefined)
  if (heard === undefined || !('opsUrl' in heard)) {
    await launched.killTree()
    throw new DidNotStart(heard, launched.stdout(), launched.stderr())
  }
  const adminKey = options.env?.['TRUYCAP_ADMIN_KEY'] ?? TEST_ADMIN_KEY
  const isReady = async () => (await request({ url: `${heard.opsUrl}/health/ready` })).status === 200
  return {
    ...launched,
    ...heard,
    adminKey,
    waitReady: async (timeoutMs = 30_000) => {
      await until(isReady, { timeoutMs, what: `${heard.opsUrl}/health/ready` })
    },
  }
}

export interface Refusal extends Exit {
  stdout: string
  stderr: string
  durationMs: number
  /** Processes of its tree that outlived it by a second (then killed); should be 0. */
  leftBehind: number
}

/** Starts standalone where it must refuse, and waits for its end (30 s, then it is killed: signal SIGKILL). */
export async function startAndRefuse(options: LaunchOptions = {}): Promise<Refusal> {
  assertBuilt(options)
  const startedAt = performance.now()
  const launched = launch(options)
  const timer = setTimeout(() => void launched.killTree(), START_TIMEOUT_MS)
  const exit = await launched.exited
  clearTimeout(timer)
  const durationMs = performance.now() - startedAt
  const { leftBehind } = await launched.stop()
  return { ...exit, stdout: launched.stdout(), stderr: launched.stderr(), durationMs, leftBehind }
}
