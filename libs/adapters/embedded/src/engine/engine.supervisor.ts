import { randomBytes } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startEngineChild } from './engine.child.js'
import type { EngineChild, EngineSetup } from './engine.child.js'
import { locateEngine } from './engine.platform.js'

/** Where the engine says that it went down and came back. A pino logger fits. */
export interface EngineLogger {
  info(message: string): void
  warn(message: string): void
}

export interface EngineOptions {
  /** Folder that belongs to the engine alone; made if missing, mode 700. */
  readonly dataDir: string
  /** Memory that the engine may use in all, bytes. */
  readonly memoryBytes?: number
  readonly logger?: EngineLogger
  /**
   * How long a first start is tried again for a passing reason: the engine of a parent that was just killed still holds
   * the folder (5 s at most), or somebody took the port.
   */
  readonly startWithinMs?: number
}

/** The ClickHouse engine as a child process on loopback, started again whenever it dies. */
export interface Engine {
  /** The address changes with every start; while the engine is down it is that of the last one. */
  url(): string
  /** Of the running process; undefined while the engine is down. */
  readonly pid: number | undefined
  readonly username: string
  /** Random, new with every start of ours. */
  readonly password: string
  readonly database: string
  /** Calls back each time the process is found dead, until `stop`. */
  onDown(listener: () => void): void
  /** Ends the engine in order; resolves when its process is gone. Safe to call twice. */
  stop(): Promise<void>
}

const DATABASE = 'truycap'
const MEMORY_BYTES = 1_500_000_000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** A process that lived this long starts the back-off anew. */
const STEADY_MS = 10_000
const START_WITHIN_MS = 10_000

const silent: EngineLogger = { info: () => {}, warn: () => {} }

/**
 * Starts the engine on its folder and watches over it. The database must then be migrated by the caller.
 * @throws Error with one clear message: unsupported platform, missing package, unusable folder, or the engine's reason.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const setup = await prepare(options)
  const supervisor = new EngineSupervisor(setup, options.logger ?? silent)
  await supervisor.start(options.startWithinMs ?? START_WITHIN_MS)
  return supervisor
}

async function prepare({ dataDir, memoryBytes = MEMORY_BYTES }: EngineOptions): Promise<EngineSetup> {
  const library = locateEngine()
  const root = resolve(dataDir)
  const configDir = join(root, 'config')
  const tablesDir = join(root, 'tables')
  try {
    for (const folder of [root, configDir, tablesDir]) await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(root, 0o700)
  } catch (cause) {
    throw new Error(`The ClickHouse engine cannot use its folder: ${(cause as Error).message}`, { cause })
  }
  const secret = { username: DATABASE, password: randomBytes(24).toString('base64url'), database: DATABASE }
  return { ...secret, library, configDir, tablesDir, usersFile: join(configDir, 'users.xml'), memoryBytes }
}

class EngineSupervisor implements Engine {
  readonly username: string
  readonly password: string
  readonly database: string
  private readonly stopping = new AbortController()
  private readonly downListeners: (() => void)[] = []
  private child: EngineChild | undefined
  private lastUrl = ''
  private upSinceMs = 0
  private delayMs = FIRST_DELAY_MS
  private watching: Promise<void> = Promise.resolve()

  constructor(
    private readonly setup: EngineSetup,
    private readonly logger: EngineLogger,
  ) {
    this.username = setup.username
    this.password = setup.password
    this.database = setup.database
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  url(): string {
    return this.lastUrl
  }

  onDown(listener: () => void): void {
    this.downListeners.push(listener)
  }

  async start(withinMs: number): Promise<void> {
    const giveUpAtMs = performance.now() + withinMs
    for (;;) {
      try {
        this.adopt(await startEngineChild(this.setup, this.stopping.signal))
        break
      } catch (cause) {
        const { message } = cause as Error
        if (!isPassing(message) || performance.now() > giveUpAtMs) {
          throw new Error(`The ClickHouse engine did not start: ${message}`, { cause })
        }
        await delay(200)
      }
    }
    this.watching = this.watch()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.child?.stop()
    await this.watching
  }

  private adopt(child: EngineChild): void {
    this.child = child
    this.lastUrl = child.url
    this.upSinceMs = performance.now()
  }

  private async watch(): Promise<void> {
    while (this.child !== undefined) {
      const how = await this.child.exited
      this.child = undefined
      if (this.stopping.signal.aborted) return
      this.logger.warn(`the ClickHouse engine ended (${how}) and is started again`)
      // A listener that throws must not end the watch.
      for (const listener of this.downListeners) queueMicrotask(listener)
      await this.revive()
    }
  }

  private async revive(): Promise<void> {
    if (performance.now() - this.upSinceMs > STEADY_MS) this.delayMs = FIRST_DELAY_MS
    while (!this.stopping.signal.aborted) {
      await delay(this.delayMs, undefined, { signal: this.stopping.signal }).catch(() => {})
      this.delayMs = Math.min(this.delayMs * 2, LONGEST_DELAY_MS)
      if (await this.tryStart()) return
    }
  }

  private async tryStart(): Promise<boolean> {
    if (this.stopping.signal.aborted) return false
    try {
      const child = await startEngineChild(this.setup, this.stopping.signal)
      if (this.stopping.signal.aborted) await child.stop()
      this.adopt(child)
      this.logger.info('the ClickHouse engine is up again')
      return true
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.logger.warn(`the ClickHouse engine did not start: ${(error as Error).message}`)
      return false
    }
  }
}

const isPassing = (message: string): boolean =>
  /Another server instance|Address already in use|NETWORK_ERROR/.test(message)
