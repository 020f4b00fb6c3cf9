import { expect, it } from 'vitest'
import { rareLog } from './rare-log.js'

it('lets the same text pass once in ten seconds, and says how often it was held back', () => {
  const said: unknown[] = []
  let nowMs = 0
  const log = rareLog(
    (level, message, details) => said.push([level, message, details]),
    () => nowMs,
  )
  for (nowMs = 0; nowMs <= 10_000; nowMs += 2500) log('error', 'refused', { broker: 'a' })
  log('info', 'joined', {})
  expect(said).toEqual([
    ['error', 'refused', { broker: 'a' }],
    ['error', 'refused', { broker: 'a', heldBack: 3 }],
    ['info', 'joined', {}],
  ])
})
