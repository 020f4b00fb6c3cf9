import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { TallyCounter } from './tally-counter.js'

describe('TallyCounter', () => {
  it('shows every increment at every look, and is absent of values that never came', async () => {
    const registry = new Registry()
    const counter = new TallyCounter({ name: 'looks_total', help: 'Looks.', label: 'status', registry })
    expect(await registry.metrics()).not.toContain('looks_total{')
    counter.inc('200')
    counter.inc('200', 2)
    counter.inc('304')
    expect(await registry.metrics()).toContain('looks_total{status="200"} 3\nlooks_total{status="304"} 1')
    counter.inc('304')
    expect(await registry.metrics()).toContain('looks_total{status="200"} 3\nlooks_total{status="304"} 2')
  })
})
