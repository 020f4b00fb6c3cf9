import { describe, expect, it } from 'vitest'
import { SharedRead } from './shared-read.js'

const limits = { patienceMs: 60, retryMs: 1000 }
const never = (): Promise<string> => new Promise(() => undefined)

describe('SharedRead', () => {
  it('lets all who ask meanwhile share the read under way', async () => {
    const read = new SharedRead<string>(limits)
    let reads = 0
    const slow = async (): Promise<string> => `read ${++reads}`
    expect(await Promise.all([read.get(0, slow), read.get(10, slow), read.get(20, slow)])).toEqual([
      'read 1',
      'read 1',
      'read 1',
    ])
    expect(await read.get(30, slow)).toBe('read 2')
  })

  it('does not try again for a while after a failure', async () => {
    const read = new SharedRead<string>(limits)
    const failing = async (): Promise<string> => {
      throw new Error('away')
    }
    expect(await read.get(0, failing)).toBeNull()
    expect(await read.get(999, async () => 'back')).toBeNull()
    expect(await read.get(1000, async () => 'back')).toBe('back')
    expect(await read.get(1001, async () => 'again')).toBe('again')
  })

  it('waits for a read that hangs only as long as its patience, and begins another one when it is due', async () => {
    const read = new SharedRead<string>(limits)
    expect(await read.get(0, never)).toBeNull()
    expect(await read.get(100, async () => 'too soon')).toBeNull()
    expect(await read.get(1000, async () => 'back')).toBe('back')
  })

  it('is not kept from trying by a clock that was set back', async () => {
    const read = new SharedRead<string>(limits)
    expect(await read.get(5000, never)).toBeNull()
    expect(await read.get(0, async () => 'back')).toBe('back')
  })
})
