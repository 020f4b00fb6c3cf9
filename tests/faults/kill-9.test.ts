import { afterAll, expect, it } from 'vitest'
import type { Standalone, WidgetNumbers } from '../support/harness/index.js'
import { endEverything, pause, request, tempFolder, until, widget } from '../support/harness/index.js'
import {
  between,
  caughtUp,
  chance,
  endsByItself,
  engineOf,
  shuffled,
  someOf,
  Stage,
  widgetEquals,
} from '../support/faults/index.js'
import { recordsInLog, storeDifferences } from './stopped-folder.js'

const CONNECTIONS = 48
/** Which processes die, and when: in mid load, right after listening, or while it starts (then it is started again). */
const EVERY = [
  ...Array.from({ length: 8 }, () => 'tree' as const),
  ...Array.from({ length: 5 }, () => 'tree, right after the start' as const),
  ...Array.from({ length: 3 }, () => 'node alone' as const),
  ...Array.from({ length: 3 }, () => 'engine, then tree' as const),
  ...Array.from({ length: 2 }, () => 'tree, while it starts' as const),
]
type Round = (typeof EVERY)[number]
/** So many go into the time that a test run has, one of each kind among them; `ROUNDS=all`, as in `npm run faults`, takes all. */
const ROUNDS_OF_A_RUN = 9

const stage = new Stage()
const { traffic, random, seed } = stage
const ROUNDS =
  process.env['ROUNDS'] === 'all'
    ? shuffled(random, EVERY)
    : someOf(random, EVERY, [...new Set(EVERY)], ROUNDS_OF_A_RUN)
afterAll(endEverything)

/** One data folder, and the processes that live and die on it. */
class Chaos {
  readonly dataDir = tempFolder()
  kills = 0
  /** Whether the widget's numbers were ever shown: from then on they are known, whatever dies. */
  private wasShown = false

  start(): Promise<Standalone> {
    return stage.start(this.dataDir)
  }

  async makeSites(): Promise<void> {
    const product = await this.start()
    await stage.makeSites(product)
    await product.killTree()
    this.kills++
  }

  async round(kind: Round): Promise<void> {
    if (kind === 'tree, while it starts') await this.killWhileStarting()
    const product = await this.start()
    await this.checkAsOf(product)
    if (kind !== 'tree, right after the start') await this.lightCheck(product)
    const flow = traffic.start(product.url, { connections: CONNECTIONS })
    await pause(kind === 'tree, right after the start' ? random.below(300) : between(random, 150, 900))
    if (kind === 'engine, then tree') await this.killEngine(product)
    if (kind === 'node alone') await this.killNode(product)
    else await product.killTree()
    this.kills++
    await flow.stop()
  }

  /** Page views acknowledged before an instant. */
  private pageviewsBefore(atMs: number): number {
    return traffic.settled
      .filter(({ result, attempts }) => result === 'acked' && (attempts.at(-1)?.answeredAtMs ?? atMs) < atMs)
      .flatMap(({ shipment }) => shipment.beacons)
      .filter(({ s, e }) => s === 'in-pageviews' && e === 'view').length
  }

  /**
   * The first answer of a process that has just come back: all that its `asOf` promises is in it, stale or not. One
   * whose numbers nobody ever saw may say that it does not know them yet.
   */
  private async checkAsOf({ url }: Standalone): Promise<void> {
    const answer = await request({ url: `${url}/w/in-pageviews.json` })
    if (!this.wasShown && answer.status === 503) {
      expect(answer.json()).toMatchObject({ code: 'numbers_unknown' })
      return
    }
    expect(answer).toMatchObject({ status: 200 })
    const { total, asOf } = answer.json() as WidgetNumbers
    expect(total).toBeGreaterThanOrEqual(this.pageviewsBefore(Date.parse(asOf)))
  }

  /** Everything that was ever acknowledged is there, and nothing twice, in the one number that is quick to count. */
  private async lightCheck({ url }: Standalone): Promise<void> {
    await traffic.settle(url)
    const total = this.pageviewsBefore(Infinity)
    const shown = await until(
      async () => {
        const { total: now } = await widget(url, 'in-pageviews')
        return now >= total && { now }
      },
      { what: `${total} page views` },
    )
    expect(shown).toEqual({ now: total })
    this.wasShown = true
  }

  private async killWhileStarting(): Promise<void> {
    const starting = stage.launch(this.dataDir)
    await pause(between(random, 50, 1300))
    await starting.killTree()
    this.kills++
  }

  /** The product goes on without its engine, which it starts again. */
  private async killEngine(product: Standalone): Promise<void> {
    process.kill(engineOf(product).pid, 'SIGKILL')
    this.kills++
    await pause(between(random, 50, 600))
  }

  /** The engine must not outlive its parent; one that starts at once waits for the end of the orphan. */
  private async killNode(product: Standalone): Promise<void> {
    const engine = engineOf(product)
    process.kill(product.pid, 'SIGKILL')
    const next = chance(random, 50) ? await this.start() : undefined
    await endsByItself(engine)
    await next?.killTree()
    await product.killTree()
  }
}

it(
  `loses and doubles nothing when it is killed ${ROUNDS.length} times under load (seed ${seed})`,
  { timeout: 400_000 },
  async () => {
    const chaos = new Chaos()
    await chaos.makeSites()
    for (const kind of ROUNDS) await chaos.round(kind)
    const product = await chaos.start()
    await traffic.settle(product.url)
    const expectations = stage.expectations()
    await widgetEquals(product.url, expectations)
    await caughtUp(product.opsUrl)
    expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
    expect(await storeDifferences(chaos.dataDir, expectations)).toEqual([])
    const { acknowledged, resent, doubled, requests } = traffic.counts
    const repeats = (await recordsInLog(chaos.dataDir)) - acknowledged
    stage.print(expectations, { kills: chaos.kills, repeats })
    expect([...requests.keys()].sort()).toEqual([0, 204])
    expect(repeats).toBeGreaterThanOrEqual(0)
    expect(repeats).toBeLessThanOrEqual(resent + doubled)
  },
)
