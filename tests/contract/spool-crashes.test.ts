import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { rolldown } from 'rolldown'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { SpooledLog, SpoolRefusedError } from '#adapters/spool'
import { type LogEntry, systemClock } from '#ports'
import { FaultyLog, type Mood, MOODS, QUICK } from '../../libs/adapters/spool/testing/faulty-log.js'
import { endEverything, tempDisk } from '../support/harness/index.js'

const temporary = () => mkdtemp(join(tmpdir(), 'truycap-spool-'))
const gone = (folder: string) => rm(folder, { recursive: true, force: true })
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 10_000, interval: 2 })
const entry = (text: string): LogEntry => ({ site: 'aa', bytes: Buffer.from(text) })

const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await endEverything()
})

describe('a spool on a disk that is full', () => {
  it('refuses at once, and takes events again when there is room, with the log away all the time', async () => {
    const disk = tempDisk(24 * 1024 * 1024)
    const inner = new FaultyLog()
    inner.mood = 'rejects'
    const options = { folder: join(disk, 'spool'), maxBytes: 2 ** 30, clock: systemClock, ...QUICK }
    const log = await SpooledLog.open(inner.connect(), options)
    const kept: string[] = []
    const keep = (text: string) => log.append([entry(text)]).then(() => kept.push(text))
    await keep('before')
    expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(25 * 1024 * 1024))).toThrow(/ENOSPC/)
    await vi.waitUntil(
      async () =>
        keep(`${kept.length}`.padEnd(100_000, '.')).then(
          () => false,
          (error: unknown) => error instanceof SpoolRefusedError && error.reason === 'disk',
        ),
      { timeout: 10_000, interval: 1 },
    )
    expect(log.isWritable).toBe(false)
    await rm(join(disk, 'filler'))
    await vi.waitFor(() => keep('after'), { timeout: 10_000, interval: 20 })
    inner.mood = 'fine'
    await until(() => log.bytes === 0)
    expect(kept.filter((text) => !inner.has(text))).toEqual([])
    expect(kept).toContain('after')
    await log.close()
  })
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mood' as const), mood: fc.constantFrom(...MOODS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill', 'restart', 'wait', 'settle') }) },
)

/** Processes one after another over one log and one folder, the last of which may die at any moment. */
class Incarnations {
  readonly inner = new FaultyLog()
  readonly acknowledged: string[] = []
  private number = 0
  private pending: Promise<unknown>[] = []
  private isAlive = true

  private constructor(
    private folder: string,
    private connection: ReturnType<FaultyLog['connect']>,
    private log: SpooledLog,
  ) {}

  static async begin(): Promise<Incarnations> {
    const first = new Incarnations(await temporary(), undefined as never, undefined as never)
    await first.start()
    return first
  }

  async step(step: { do: string; count?: number; mood?: Mood }): Promise<void> {
    if (step.do === 'append') this.append(step.count as number)
    else if (step.do === 'mood') this.inner.mood = step.mood as Mood
    else if (step.do === 'kill') await this.kill()
    else if (step.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 8))
    else await this.settle(step.do === 'restart')
  }

  async drained(): Promise<void> {
    this.inner.mood = 'fine'
    await until(() => this.acknowledged.every((text) => this.inner.has(text)))
    await this.settle(false)
    await until(() => this.log.bytes === 0)
  }

  async end(): Promise<void> {
    await this.log.close()
    await gone(this.folder)
  }

  private append(count: number): void {
    const texts = Array.from({ length: count }, () => `n${this.number++}`)
    const life = this.connection
    const appended = this.log.append(texts.map((text) => entry(text))).then(
      () => this.isAlive && life === this.connection && this.acknowledged.push(...texts),
      () => undefined,
    )
    this.pending.push(appended)
  }

  /** The folder as it is at this instant; what the dead process would still do reaches neither it nor the log. */
  private async kill(): Promise<void> {
    this.isAlive = false
    this.connection.cut()
    const copy = await temporary()
    await cp(this.folder, copy, { recursive: true })
    await this.end()
    this.folder = copy
    await this.start()
  }

  private async settle(restart: boolean): Promise<void> {
    await Promise.all(this.pending.splice(0))
    if (!restart) return
    await this.log.close()
    await this.start()
  }

  private async start(): Promise<void> {
    this.connection = this.inner.connect()
    const options = { folder: this.folder, maxBytes: 2 ** 20, clock: systemClock, ...QUICK }
    this.log = await SpooledLog.open(this.connection, options)
    this.isAlive = true
  }
}

describe('a spool through outages and crashes', () => {
  it(
    'brings every acknowledged event to the log, whatever happens in whatever order',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
          const incarnations = await Incarnations.begin()
          for (const one of steps) await incarnations.step(one)
          await incarnations.drained()
          await incarnations.end()
        }),
        { numRuns: 40 },
      )
    },
  )

  it('loses nothing that a process acknowledged before it was killed', async () => {
    const root = await temporary()
    const folder = join(root, 'spool')
    const bundle = join(root, 'process.mjs')
    await bundleProcess(bundle)
    const seen = new Set<string>()
    for (const kills of [300, 600, 900]) for (const text of await spoolAndKill(bundle, folder, kills)) seen.add(text)
    const inner = new FaultyLog()
    const log = await SpooledLog.open(inner.connect(), { folder, maxBytes: 2 ** 30, clock: systemClock })
    await until(() => log.bytes === 0)
    expect(seen.size).toBeGreaterThanOrEqual(900)
    expect([...seen].filter((text) => !inner.has(text))).toEqual([])
    await log.close()
    await gone(root)
  })
})

/** Lets a process spool until it has acknowledged so many, kills it, and tells which; a line cut off in the pipe does not count. */
async function spoolAndKill(bundle: string, folder: string, acknowledged: number): Promise<string[]> {
  const code = `const { spoolNumbers } = await import(${JSON.stringify(pathToFileURL(bundle).href)})
    await spoolNumbers(${JSON.stringify(folder)})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').length > acknowledged) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return text.split('\n').slice(0, -1)
}

/** Plain Node runs no TypeScript; the native module stays where it is installed. */
async function bundleProcess(file: string): Promise<void> {
  const classicLevel = pathToFileURL(resolve('node_modules/classic-level/index.js')).href
  const build = await rolldown({
    input: resolve('libs/adapters/spool/testing/spooling.process.ts'),
    platform: 'node',
    resolve: { conditionNames: ['truycap-source', 'import', 'node', 'default'] },
    plugins: [
      {
        name: 'native',
        resolveId: (id: string) => (id === 'classic-level' ? { id: classicLevel, external: true } : null),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false })
  await writeFile(file, output[0].code)
}
