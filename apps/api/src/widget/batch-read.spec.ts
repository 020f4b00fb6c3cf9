import { describe, expect, it, vi } from 'vitest'
import { BatchRead } from './batch-read.js'

/** Reads that are answered by hand. */
class Source {
  readonly reads: { keys: readonly string[]; answer: (value: string) => void; fail: () => void }[] = []
  nowMs = 0
  readonly batch = new BatchRead<string>(
    { readLimitMs: 50, retryMs: 1000 },
    () => this.nowMs,
    (keys) =>
      new Promise((resolve, reject) => {
        this.reads.push({ keys, answer: resolve, fail: () => reject(new Error('away')) })
      }),
  )
  async begun(count: number): Promise<void> {
    await vi.waitUntil(() => this.reads.length === count)
  }
}

describe('BatchRead', () => {
  // read 1  |--- a ---|
  // read 2            |--- b, c ---|   for all who asked while read 1 was under way
  it('reads together what was asked for during the read before', async () => {
    const source = new Source()
    const first = source.batch.get(['a'])
    await source.begun(1)
    const rest = [source.batch.get(['b', 'c']), source.batch.get(['c'])]
    source.reads[0].answer('one')
    await source.begun(2)
    source.reads[1].answer('two')
    expect(source.reads.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']])
    expect(await Promise.all([first, ...rest])).toEqual(['one', 'two', 'two'])
  })

  it('is null for all who wait when a read fails, without another try, and for a second after', async () => {
    const source = new Source()
    const first = source.batch.get(['a'])
    await source.begun(1)
    const second = source.batch.get(['b'])
    source.reads[0].fail()
    expect(await Promise.all([first, second])).toEqual([null, null])
    source.nowMs = 999
    expect(await source.batch.get(['c'])).toBeNull()
    expect(source.reads).toHaveLength(1)
    source.nowMs = 1000
    const later = source.batch.get(['d'])
    await source.begun(2)
    source.reads[1].answer('back')
    expect(await later).toBe('back')
    expect(source.reads[1].keys).toEqual(['d'])
  })

  it('gives up a read that hangs', async () => {
    const source = new Source()
    expect(await source.batch.get(['a'])).toBeNull()
  })

  it('takes no more than 5,000 keys at once', async () => {
    const source = new Source()
    const keys = Array.from({ length: 5000 }, (_, n) => `k${n}`)
    const all = source.batch.get(keys)
    expect(await source.batch.get(['one more'])).toBeNull()
    await source.begun(1)
    source.reads[0].answer('many')
    expect(await all).toBe('many')
  })
})
