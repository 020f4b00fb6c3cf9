import type { Dice } from '../harness/index.js'

export function between(dice: Dice, first: number, last: number): number {
  return first + dice.below(last - first + 1)
}

export function chance(dice: Dice, percent: number): boolean {
  return dice.below(100) < percent
}

/** So many of a list, in any order and other ones with every seed, all of `always` among them. */
export function someOf<T>(dice: Dice, list: readonly T[], always: readonly T[], count: number): T[] {
  const rest = [...list]
  for (const item of always) rest.splice(rest.indexOf(item), 1)
  return shuffled(dice, [...always, ...shuffled(dice, rest).slice(0, count - always.length)])
}

/** The same items in another order. */
export function shuffled<T>(dice: Dice, list: readonly T[]): T[] {
  const items = [...list]
  for (let at = items.length - 1; at > 0; at--) {
    const other = dice.below(at + 1)
    ;[items[at], items[other]] = [items[other] as T, items[at] as T]
  }
  return items
}
