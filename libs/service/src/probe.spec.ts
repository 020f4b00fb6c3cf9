import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Probe } from './probe.js'

describe('Probe', () => {
  let answer: () => Promise<unknown>
  let probe: Probe
  beforeEach(() => {
    vi.useFakeTimers()
    answer = async () => 1
    probe = new Probe(() => answer())
  })
  afterEach(async () => {
    await probe.close()
    vi.useRealTimers()
  })

  it('is starting until the first answer, then says what the last one came to', async () => {
    const young = new Probe(() => answer())
    expect(young.state).toBe('starting')
    await young.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(probe.state).toBe('up')
    answer = async () => Promise.reject(new Error('away'))
    await vi.advanceTimersByTimeAsync(2000)
    expect(probe.state).toBe('down')
  })

  it('calls one that hangs down, asks it no second time meanwhile, and sees it come back', async () => {
    let goOn = (): void => undefined
    let asked = 0
    answer = () => {
      asked++
      return new Promise<void>((resolve) => (goOn = resolve))
    }
    await vi.advanceTimersByTimeAsync(20_000)
    expect([probe.state, asked]).toEqual(['down', 1])
    goOn()
    answer = async () => 1
    await vi.advanceTimersByTimeAsync(0)
    expect(probe.state).toBe('up')
  })
})
