import type { EventLog } from '#ports'
import { systemClock } from '#ports'
import { SpooledLog } from '../src/index.js'

const away: EventLog = { partitions: 1, append: () => Promise.reject(new Error('away')) }

/** Spools numbers for ever, several at once, and writes down each one that was acknowledged: for a test that kills it. */
export async function spoolNumbers(folder: string): Promise<void> {
  const log = await SpooledLog.open(away, { folder, maxBytes: 2 ** 30, clock: systemClock })
  let number = 0
  const one = async (): Promise<void> => {
    const text = String(number++)
    await log.append([{ site: 'aa', bytes: Buffer.from(text) }])
    process.stdout.write(`${text}\n`)
    return one()
  }
  await Promise.all(Array.from({ length: 20 }, one))
}
