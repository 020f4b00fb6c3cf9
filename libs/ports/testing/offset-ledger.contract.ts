import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OffsetLine } from '#domain'
import type { OffsetCommit, OffsetLedger } from '#ports'

let ids = 0
const newSite = (): string => `o${process.pid.toString(36)}-${Date.now().toString(36)}_${++ids}`.slice(-32)

const line = (rest: Partial<OffsetLine> = {}): OffsetLine => ({
  field: 'total',
  path: '',
  add: 2_390_401,
  shown: 2_390_401,
  reason: 'bộ đếm cũ',
  ...rest,
})

const commit = (siteId: string, revision: number, rest: Partial<OffsetCommit> = {}): OffsetCommit => ({
  siteId,
  revision,
  atMs: 1_795_400_000_123 + revision,
  by: 'admin',
  day: 20_780,
  lines: [line()],
  reverses: null,
  idempotency: null,
  ...rest,
})

export interface OffsetLedgerUnderTest {
  readonly ledger: OffsetLedger
  /** Another ledger on the same rows, as a second process has it. */
  readonly another: OffsetLedger
  /** Ends whatever keeps the rows as hard as it can be ended; resolves when `ledger` works again. */
  crash(): Promise<void>
  dispose(): Promise<void>
}

/** What every OffsetLedger adapter promises. It is opened once; what it holds already does not matter. */
export function offsetLedgerContract(name: string, open: () => Promise<OffsetLedgerUnderTest>): void {
  describe(`${name} as OffsetLedger`, () => {
    let current: OffsetLedgerUnderTest | undefined
    const opened = (): OffsetLedgerUnderTest => current as OffsetLedgerUnderTest
    beforeAll(async () => {
      current = await open()
    })
    afterAll(() => current?.dispose())
    commits(() => opened().ledger)
    comparing(opened)

    it('keeps commits over a crash, and goes on after it', async () => {
      const siteId = newSite()
      await opened().ledger.append(commit(siteId, 1))
      await opened().crash()
      expect(await readAll(opened().ledger, siteId)).toEqual([commit(siteId, 1)])
      expect(await opened().ledger.append(commit(siteId, 1))).toBe(false)
      expect(await opened().ledger.append(commit(siteId, 2))).toBe(true)
    })

    it('erases a site, and no other', async () => {
      const [gone, kept] = [newSite(), newSite()]
      for (const siteId of [gone, kept]) await opened().ledger.append(commit(siteId, 1))
      await opened().ledger.eraseSite(gone)
      await opened().ledger.eraseSite(gone)
      expect(await readAll(opened().ledger, gone)).toEqual([])
      expect((await opened().ledger.heads()).has(gone)).toBe(false)
      expect(await readAll(opened().ledger, kept)).toHaveLength(1)
    })
  })
}

async function readAll(ledger: OffsetLedger, siteId: string, after = 0): Promise<OffsetCommit[]> {
  const all: OffsetCommit[] = []
  for (;;) {
    const some = await ledger.read(siteId, all.at(-1)?.revision ?? after)
    if (some.length === 0) return all
    all.push(...some)
  }
}

function commits(ledger: () => OffsetLedger): void {
  it('a commit comes back as it was added, every field', async () => {
    const siteId = newSite()
    const made = commit(siteId, 1, {
      by: '0123456789abcdef01234567',
      lines: [
        line({ field: 'views', path: '/tin/"lạ",\\ \u{1F3DB} \u2028', add: -7, shown: null, reason: "it's\nsửa" }),
        line({ add: 999_999_999_999, shown: 0 }),
        line({ field: 'today', add: 0, shown: 12 }),
      ],
      idempotency: { key: 'key "1"', bodyHash: 'ab'.repeat(32) },
    })
    const reversal = commit(siteId, 2, { day: 1, lines: [made.lines[0] as OffsetLine], reverses: '1-1' })
    expect(await ledger().append(made)).toBe(true)
    expect(await ledger().append(reversal)).toBe(true)
    expect(await readAll(ledger(), siteId)).toEqual([made, reversal])
  })

  it('tells where every site stands, and reads on from any revision', async () => {
    const [siteId, other] = [newSite(), newSite()]
    const made = Array.from({ length: 60 }, (_, n) => commit(siteId, n + 1))
    for (const one of made) await ledger().append(one)
    await ledger().append(commit(other, 1))
    const heads = await ledger().heads()
    expect([heads.get(siteId), heads.get(other), heads.get(newSite())]).toEqual([60, 1, undefined])
    expect(await readAll(ledger(), siteId)).toEqual(made)
    expect(await readAll(ledger(), siteId, 58)).toEqual(made.slice(58))
    expect(await ledger().read(siteId, 60)).toEqual([])
  })

  it('takes 100,000 lines in one commit', async () => {
    const siteId = newSite()
    const lines = Array.from({ length: 100_000 }, (_, n) =>
      line({ field: 'views', path: `/tin-tuc/bai-${n}`, add: n, shown: n, reason: '' }),
    )
    expect(await ledger().append(commit(siteId, 1, { lines }))).toBe(true)
    expect((await readAll(ledger(), siteId))[0]?.lines).toEqual(lines)
  })
}

function comparing(opened: () => OffsetLedgerUnderTest): void {
  it('adds nothing that does not follow the last commit', async () => {
    const siteId = newSite()
    expect(await opened().ledger.append(commit(siteId, 2))).toBe(false)
    expect(await opened().ledger.append(commit(siteId, 1))).toBe(true)
    for (const revision of [1, 3]) {
      expect(await opened().ledger.append(commit(siteId, revision, { by: 'late' }))).toBe(false)
    }
    expect(await readAll(opened().ledger, siteId)).toEqual([commit(siteId, 1)])
  })

  it('of many commits to one revision at once exactly one is added, and it is the one that stays', async () => {
    const siteId = newSite()
    const rivals = Array.from({ length: 8 }, (_, n) => commit(siteId, 1, { by: `rival-${n}`, atMs: 1000 - n }))
    const added = await Promise.all(rivals.map((rival) => opened().ledger.append(rival)))
    expect(added.filter(Boolean)).toHaveLength(1)
    expect(await readAll(opened().ledger, siteId)).toEqual([rivals[added.indexOf(true)]])
  })

  it('tells one of those who add to one revision at once that he did, whichever process they are', async () => {
    const { ledger, another } = opened()
    const siteId = newSite()
    for (let revision = 1; revision <= 20; revision++) {
      const by = ['a', 'b', 'c', 'd']
      const told = await Promise.all(
        by.map((name, n) => (n % 2 === 0 ? ledger : another).append({ ...commit(siteId, revision), by: name })),
      )
      expect(told.filter(Boolean)).toHaveLength(1)
      const commits = await readAll(ledger, siteId)
      expect(commits.map((one) => one.revision)).toEqual(Array.from({ length: revision }, (_, n) => n + 1))
      expect(commits.at(-1)?.by).toBe(by[told.indexOf(true)])
    }
  })

  it('two processes that append in turn see each other', async () => {
    const siteId = newSite()
    const { ledger, another } = opened()
    expect(await ledger.append(commit(siteId, 1))).toBe(true)
    expect(await another.append(commit(siteId, 1))).toBe(false)
    expect(await another.append(commit(siteId, 2))).toBe(true)
    expect((await ledger.heads()).get(siteId)).toBe(2)
    expect(await ledger.append(commit(siteId, 2))).toBe(false)
  })

  it('many writers that try again until they are in leave no gap and lose nothing', async () => {
    const siteId = newSite()
    const write = async (by: string): Promise<void> => {
      for (;;) {
        const revision = ((await opened().ledger.heads()).get(siteId) ?? 0) + 1
        if (await opened().ledger.append(commit(siteId, revision, { by }))) return
      }
    }
    const writers = Array.from({ length: 6 }, (_, n) => `writer-${n}`)
    await Promise.all(writers.map(write))
    const all = await readAll(opened().ledger, siteId)
    expect(all.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6])
    expect(all.map(({ by }) => by).toSorted()).toEqual(writers)
  })
}
