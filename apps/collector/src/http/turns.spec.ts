import { setImmediate as loopTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Turns } from './turns.js'

/** As in the code: so many are worth a turn while others are under way. */
const ENOUGH = 32

/** Turns over numbers; `answer(n)` gives the answer that n waits for. */
function recorded() {
  const handled: number[] = []
  const answers = new Map<number, () => void>()
  const turns = new Turns<number>((item) => {
    handled.push(item)
    return new Promise<void>((resolve) => answers.set(item, resolve))
  })
  const add = (...items: number[]) => turns.add(items)
  return { handled, answers, add, answer: (item: number) => answers.get(item)!() }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('Turns', () => {
  // So that no turn begins because it has waited long enough, but where a test wants that.
  const holdTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  afterEach(() => void vi.useRealTimers())

  it('handles at once and in order when nothing is under way', () => {
    const { handled, add } = recorded()
    add()
    add(1, 2, 3)
    expect(handled).toEqual([1, 2, 3])
  })

  it('lets the next gather until the last answer of those before is there', async () => {
    holdTimers()
    const { handled, add, answer } = recorded()
    add(1, 2)
    await loopTurn()
    add(3, 4)
    answer(1)
    await loopTurn()
    expect(handled).toEqual([1, 2])
    answer(2)
    await loopTurn()
    await loopTurn() // the turn begins in the one after
    expect(handled).toEqual([1, 2, 3, 4])
  })

  it('does not wait for an answer that does not come', async () => {
    holdTimers()
    const { handled, add } = recorded()
    add(1)
    await loopTurn()
    add(2)
    vi.advanceTimersByTime(4)
    expect(handled).toEqual([1])
    vi.advanceTimersByTime(1)
    expect(handled).toEqual([1, 2])
  })

  it('does not wait when enough are there', async () => {
    holdTimers()
    const { handled, add } = recorded()
    add(0)
    await loopTurn()
    add(...numbers(1, ENOUGH))
    await loopTurn()
    expect(handled).toEqual([0])
    add(ENOUGH)
    await loopTurn()
    expect(handled).toEqual(numbers(0, ENOUGH + 1))
  })

  it('handles all once and in order, whatever comes when and whatever is answered when', async () => {
    const steps = fc.array(fc.oneof(fc.nat({ max: 40 }), fc.constantFrom('turn' as const, 'answer' as const)), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { handled, add, answer } = recorded()
        let [added, answered] = [0, 0]
        for (const step of all) {
          if (step === 'turn') await loopTurn()
          else if (step === 'answer') while (answered < handled.length) answer(answered++)
          else {
            add(...numbers(added, added + step))
            added += step
          }
        }
        await vi.waitFor(() => expect(handled).toEqual(numbers(0, added)), { interval: 1 })
      }),
    )
  })
})
