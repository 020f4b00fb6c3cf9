import { afterEach, describe, expect, it } from 'vitest'
import type { Salts } from '#ports'

export interface SaltsUnderTest {
  readonly salts: Salts
  reopen(): Promise<SaltsUnderTest>
  /** Makes the salt of that day unreadable, as a damaged disk would. */
  lose(day: number): Promise<SaltsUnderTest>
  /** Whether these characters are anywhere in what the adapter keeps; a destroyed salt is gone from it within a minute. */
  keeps(text: string): Promise<boolean>
  dispose(): Promise<void>
}

const DAY_MS = 86_400_000
const TODAY = 20_416
const at = (day: number, hours: number) => day * DAY_MS + hours * 3_600_000

/** What every Salts adapter promises (contract section 1, Visitor). */
export function saltsContract(name: string, open: () => Promise<SaltsUnderTest>): void {
  describe(`${name} as Salts`, () => {
    let current: SaltsUnderTest | undefined
    afterEach(async () => {
      await current?.dispose()
      current = undefined
    })
    const days = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

    it('has a different salt for each day from 3 back to 7 ahead before the first event', async () => {
      current = await open()
      await current.salts.maintain(at(TODAY, 1))
      const salts = days(TODAY - 3, TODAY + 7).map((day) => current!.salts.saltOf(day))
      expect(salts.every((salt) => /^[0-9a-f]{64}$/.test(salt ?? ''))).toBe(true)
      expect(new Set(salts).size).toBe(11)
      expect(current.salts.saltOf(TODAY - 4)).toBeNull()
      expect(current.salts.saltOf(TODAY + 8)).toBeNull()
    })

    it('keeps them over a new start', async () => {
      current = await open()
      await current.salts.maintain(at(TODAY, 1))
      const before = days(TODAY - 3, TODAY + 7).map((day) => current!.salts.saltOf(day))
      current = await current.reopen()
      await current.salts.maintain(at(TODAY, 2))
      expect(days(TODAY - 3, TODAY + 7).map((day) => current!.salts.saltOf(day))).toEqual(before)
    })

    it('destroys the salt of D at 12:00 UTC of D+3, not a moment before, and never makes it again', async () => {
      current = await open()
      await current.salts.maintain(at(TODAY, 1))
      const salt = current.salts.saltOf(TODAY)!
      await current.salts.maintain(at(TODAY + 3, 12) - 1)
      expect(current.salts.saltOf(TODAY)).toBe(salt)
      expect(await current.keeps(salt)).toBe(true)
      await current.salts.maintain(at(TODAY + 3, 12))
      expect(current.salts.saltOf(TODAY)).toBeNull()
      await expect.poll(() => current!.keeps(salt), { timeout: 60_000, interval: 100 }).toBe(false)
      current = await current.reopen()
      await current.salts.maintain(at(TODAY + 3, 13))
      expect(current.salts.saltOf(TODAY)).toBeNull()
    })

    it('does not make a lost salt again, because its visitors would count twice', async () => {
      current = await open()
      await current.salts.maintain(at(TODAY, 1))
      current = await current.lose(TODAY)
      await current.salts.maintain(at(TODAY, 2))
      expect(current.salts.saltOf(TODAY)).toBeNull()
      expect(current.salts.saltOf(TODAY + 1)).not.toBeNull()
    })

    it('makes new salts after being away for longer than it had salts for', async () => {
      current = await open()
      await current.salts.maintain(at(TODAY, 1))
      current = await current.reopen()
      await current.salts.maintain(at(TODAY + 30, 1))
      expect(days(TODAY + 27, TODAY + 37).every((day) => current!.salts.saltOf(day) !== null)).toBe(true)
    })
  })
}
