import { randomUUID } from 'node:crypto'
import type { Standalone } from '../harness/index.js'
import { request, until, valuesOf } from '../harness/index.js'
import type { SeenProcess } from '../harness/processes.js'
import { aliveIn, isAlive } from '../harness/processes.js'

export interface HealthAnswer {
  status: number
  dependencies: Record<string, string>
}

export async function health(opsUrl: string): Promise<HealthAnswer> {
  const answer = await request({ url: `${opsUrl}/health/ready` })
  const { dependencies } = answer.json() as { dependencies: Record<string, string> }
  return { status: answer.status, dependencies }
}

/** Waits until both groups have applied everything that is in the log. A group that is away or has halted has not. */
export async function caughtUp(opsUrl: string, timeoutMs = 30_000): Promise<void> {
  const isCaughtUp = async () => {
    const lag = await valuesOf(opsUrl, 'truycap_consumer_lag')
    const { counters, store } = (await health(opsUrl)).dependencies
    if (Object.keys(lag).length > 0 || counters !== 'up' || store !== 'up')
      throw new Error(JSON.stringify({ lag, counters, store }))
    return true
  }
  await until(isCaughtUp, { timeoutMs, what: 'both groups at the end of the log' })
  // The lag is not measured while the engine is down, so both are asked again after the store was seen up.
  await until(isCaughtUp, { timeoutMs, what: 'both groups at the end of the log' })
}

/** All processes of a running product, itself first. */
export function processesOf(product: Standalone): SeenProcess[] {
  const { pid } = product
  const tree = aliveIn({ rootPid: pid, mark: randomUUID(), seen: [] })
  return tree.sort((a, b) => Number(b.pid === pid) - Number(a.pid === pid))
}

/** The process of the ClickHouse engine: the product's one child. Throws when it has none right now. */
export function engineOf(product: Standalone): SeenProcess {
  const children = processesOf(product).filter(({ pid }) => pid !== product.pid)
  if (children.length !== 1) throw new Error(`expected one child of the product, found ${children.length}`)
  return children[0] as SeenProcess
}

/** Waits for another engine than `before`. */
export function nextEngine(product: Standalone, before: SeenProcess): Promise<SeenProcess> {
  const other = () => {
    const engine = engineOf(product)
    return engine.pid === before.pid ? undefined : engine
  }
  return until(other, {
    timeoutMs: 15_000,
    everyMs: 20,
    what: 'the engine to be started again',
  }) as Promise<SeenProcess>
}

/** Waits for the end of a process that nobody here has killed. */
export function endsByItself(process: SeenProcess, timeoutMs = 10_000): Promise<boolean> {
  return until(() => !isAlive(process), { timeoutMs, what: `the end of process ${process.pid}` })
}
