import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SITE_DEFAULTS } from '#domain'
import {
  ClickHouseConnection,
  ClickHouseDaySealer,
  ClickHouseEventStore,
  ClickHouseOffsetLedger,
  ClickHouseRecountSource,
  ClickHouseSiteRegistry,
  migrate,
} from '#adapters/clickhouse'
import { type Engine, startEngine } from '../../libs/adapters/embedded/src/engine/engine.supervisor.js'
import { daySealerContract, newPartition, siteIn } from '../../libs/ports/testing/day-sealer.contract.js'
import { eventStoreContract } from '../../libs/ports/testing/event-store.contract.js'
import { ODD_TEXTS } from '../../libs/ports/testing/event-store.rules.js'
import { offsetLedgerContract } from '../../libs/ports/testing/offset-ledger.contract.js'
import { recountSourceContract } from '../../libs/ports/testing/recount-source.contract.js'
import { siteRegistryContract } from '../../libs/ports/testing/site-registry.contract.js'
import { DAY, storedEvent } from '../../libs/ports/testing/stored-events.js'

// One engine for the whole file; every test uses sites and partitions of its own.
const folder = mkdtemp(join(tmpdir(), 'truycap-contract-'))
const engine = folder.then((dataDir) => startEngine({ dataDir }))
const connect = (engine: Engine, requestTimeoutMs = 30_000): ClickHouseConnection =>
  new ClickHouseConnection({
    url: () => engine.url(),
    username: engine.username,
    password: engine.password,
    database: engine.database,
    requestTimeoutMs,
  })

async function open(): Promise<{ connection: ClickHouseConnection; crash(): Promise<void>; dispose(): Promise<void> }> {
  const started = await engine
  const connection = connect(started)
  await migrate(connection)
  return { connection, crash: () => crash(started, connection), dispose: () => connection.close() }
}

async function crash(started: Engine, connection: ClickHouseConnection): Promise<void> {
  const { pid } = started
  process.kill(pid as number, 'SIGKILL')
  await vi.waitUntil(() => started.pid !== pid && started.pid !== undefined, { timeout: 20_000, interval: 20 })
  await connection.query('SELECT 1')
}

afterAll(async () => {
  await (await engine).stop()
  await rm(await folder, { recursive: true, force: true })
})

eventStoreContract('ClickHouse', async () => {
  const { connection, ...rest } = await open()
  return { store: new ClickHouseEventStore(connection, 1), partitions: 1, ...rest }
})

const PARTITIONS = 1000

daySealerContract('ClickHouse', async () => {
  const { connection, ...rest } = await open()
  const store = new ClickHouseEventStore(connection, PARTITIONS)
  return { store, sealer: new ClickHouseDaySealer(connection), partitions: PARTITIONS, ...rest }
})

recountSourceContract('ClickHouse', async () => {
  const { connection, dispose } = await open()
  const store = new ClickHouseEventStore(connection, PARTITIONS)
  const [sealer, source] = [new ClickHouseDaySealer(connection), new ClickHouseRecountSource(connection, PARTITIONS)]
  return { store, sealer, source, partitions: PARTITIONS, dispose }
})

siteRegistryContract('ClickHouse', async () => {
  const { connection, ...rest } = await open()
  return { registry: new ClickHouseSiteRegistry(connection), ...rest }
})

offsetLedgerContract('ClickHouse', async () => {
  const { connection, ...rest } = await open()
  return { ledger: new ClickHouseOffsetLedger(connection), another: new ClickHouseOffsetLedger(connection), ...rest }
})

const facts = (text: string) => ({
  host: text,
  title: text,
  referrerHost: text,
  language: text,
  zone: text,
  width: 20_000,
  country: 'VN',
  browser: text,
  system: text,
  device: text,
  bot: true,
  name: text,
  props: JSON.stringify({ text }),
  engagedSeconds: 3600,
})

const hex = (bytes: Uint8Array | null) => Buffer.from(bytes as Uint8Array).toString('hex')

describe('ClickHouse adapter', () => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.dispose())

  it('migrates an existing schema without a change, several at once', async () => {
    const { connection } = opened
    const schema = () =>
      connection.query('SELECT create_table_query FROM system.tables WHERE database = currentDatabase()')
    const before = await schema()
    await Promise.all([migrate(connection), migrate(connection), migrate(connection)])
    expect(await schema()).toEqual(before)
  })

  it('stores every field of an event, odd text included', async () => {
    const site = 'every-field'
    const rows = ODD_TEXTS.map((text, offset) => storedEvent({ site, offset, at: offset, facts: facts(text) }))
    await new ClickHouseEventStore(opened.connection, 1).insert(
      { partition: 0, from: 0, next: rows.length, appendedAtMs: 0 },
      rows,
    )
    const stored = await opened.connection.query(
      `SELECT host, title, referrer_host AS referrerHost, language, zone, width, country, browser, system, device, bot,
         name, props, engaged_seconds AS engagedSeconds
       FROM events WHERE site = {site:String} ORDER BY log_offset`,
      { site },
    )
    expect(stored).toEqual(rows.map((row) => row.event.facts))
  })

  it('stores ids, hashes and times so that the event can be had back', async () => {
    const event = storedEvent({ site: 'had-back', offset: 2 ** 40, at: 5, entry: true, timeout: 300 })
    await new ClickHouseEventStore(opened.connection, 1).insert(
      { partition: 0, from: 0, next: 2 ** 40 + 1, appendedAtMs: 0 },
      [event],
    )
    const [row] = await opened.connection.query(
      `SELECT lower(hex(id)) AS id, toUnixTimestamp64Milli(id_at) AS idAtMs, toUnixTimestamp64Milli(received_at) AS receivedAtMs,
         toUnixTimestamp(t) AS t, toUInt16(day) AS day, lower(leftPad(hex(visitor), 16, '0')) AS visitor,
         lower(leftPad(hex(online_id), 16, '0')) AS onlineId, visit_timeout AS visitTimeout, entry, log_offset AS offset
       FROM events WHERE site = 'had-back'`,
    )
    const { id, idAtMs, receivedAtMs, t, day, visitor, onlineId, visitTimeout, entry } = event.event
    expect(row).toEqual({
      id: hex(id),
      idAtMs: String(idAtMs),
      receivedAtMs: String(receivedAtMs),
      t,
      day,
      visitor: hex(visitor),
      onlineId: hex(onlineId),
      visitTimeout,
      entry,
      offset: String(event.offset),
    })
  })

  it('refuses a row with an id of a wrong length instead of shifting all bytes after it', async () => {
    const { event, ...place } = storedEvent({ site: 'wrong-length', offset: 0, at: 0 })
    const store = new ClickHouseEventStore(opened.connection, 1)
    await expect(
      store.insert({ partition: 0, from: 0, next: 1, appendedAtMs: 0 }, [
        { event: { ...event, id: new Uint8Array(15) }, ...place },
      ]),
    ).rejects.toThrow(RangeError)
  })

  it('collapses the copies of a row on disk to the one with the lowest offset', async () => {
    const site = 'collapse'
    const store = new ClickHouseEventStore(opened.connection, 1)
    for (const offset of [12, 11, 13])
      await store.insert({ partition: 0, from: 0, next: 14, appendedAtMs: 0 }, [
        storedEvent({ site, offset, at: 0, id: 'same' }),
      ])
    const kept = await opened.connection.query('SELECT log_offset FROM events FINAL WHERE site = {site:String}', {
      site,
    })
    expect(kept).toEqual([{ log_offset: '11' }])
  })

  it('has no heartbeat among its rows', async () => {
    const site = 'heartbeats'
    const rows = [
      storedEvent({ site, offset: 0, at: 0, type: 'heartbeat' }),
      storedEvent({ site, offset: 1, at: 0, type: 'leave' }),
    ]
    await new ClickHouseEventStore(opened.connection, 1).insert(
      { partition: 0, from: 0, next: 2, appendedAtMs: 0 },
      rows,
    )
    expect(await opened.connection.query('SELECT type FROM events WHERE site = {site:String}', { site })).toEqual([
      { type: 'leave' },
    ])
  })

  it('gives a deleted id to nobody, and loads the site no more', async () => {
    const registry = new ClickHouseSiteRegistry(opened.connection)
    const site = { id: 'deleted', ...SITE_DEFAULTS }
    await registry.createSite(site, 1000)
    await opened.connection.command(
      `INSERT INTO sites SELECT * REPLACE (2 AS revision, true AS deleted) FROM sites WHERE id = 'deleted'`,
    )
    expect((await registry.load()).sites.map((one) => one.id)).not.toContain('deleted')
    expect(await registry.createSite(site, 2000)).toBe(false)
  })

  it('has no row of an erased site but its tombstone', async () => {
    const registry = new ClickHouseSiteRegistry(opened.connection)
    const id = 'erased-site'
    await registry.createSite({ id, ...SITE_DEFAULTS, name: 'personal' }, 1000)
    await registry.addKey({ id: 'k', siteId: id, role: 'read', hash: 'ab'.repeat(32), createdAtMs: 1 })
    await registry.deleteSite(id, 2000)
    await registry.finishErasure(id, 3000)
    const rows = (table: string, where: string) =>
      opened.connection.query(`SELECT name, deleted FROM ${table} WHERE ${where} = {id:String} ORDER BY deleted`, {
        id,
      })
    expect(await rows('sites FINAL', 'id')).toEqual([
      { name: '', deleted: true },
      { name: '', deleted: true },
    ])
    expect(await opened.connection.query('SELECT id FROM keys WHERE site_id = {id:String}', { id })).toEqual([])
  })

  it('makes a change again that another process overtook, on top of what that one made', async () => {
    const { connection } = opened
    const registry = new ClickHouseSiteRegistry(connection)
    const id = 'overtaken'
    await registry.createSite({ id, ...SITE_DEFAULTS }, 1000)
    // The other one writes between our read and our write, with an earlier clock.
    const overtake = () =>
      connection.command(
        `INSERT INTO sites SELECT * REPLACE ('theirs' AS name, 2 AS revision, 'x' AS change) FROM sites WHERE id = {id:String}`,
        { id },
      )
    let turn = 0
    const rival = new Proxy(connection, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown
        if (name !== 'insert' || turn++ > 0) return typeof value === 'function' ? value.bind(target) : value
        return async (...given: Parameters<typeof connection.insert>) => {
          await overtake()
          await connection.insert(...given)
        }
      },
    })
    const changed = await new ClickHouseSiteRegistry(rival).updateSite(
      id,
      (was) => ({ ...was, unit: 'pageviews' }),
      5000,
    )
    expect(changed).toMatchObject({ name: 'theirs', unit: 'pageviews' })
    expect((await registry.load()).sites.find((one) => one.id === id)).toEqual(changed)
  })

  it('keeps an offset commit against an abandoned insert of the same revision that lands after it', async () => {
    const ledger = new ClickHouseOffsetLedger(opened.connection)
    const made = { siteId: 'landed-late', revision: 1, atMs: 5000, by: 'ours', day: 1, lines: [], reverses: null }
    expect(await ledger.append({ ...made, idempotency: null })).toBe(true)
    await opened.connection.command(
      `INSERT INTO offset_commits SELECT * REPLACE ('abandoned' AS made_by, at - INTERVAL 1 MILLISECOND AS at, 'z' AS token)
       FROM offset_commits WHERE site_id = 'landed-late'`,
    )
    expect((await ledger.read('landed-late', 0)).map(({ by }) => by)).toEqual(['ours'])
  })

  it('keeps the earliest of two creations that another process raced for', async () => {
    const registry = new ClickHouseSiteRegistry(opened.connection)
    await registry.createSite({ id: 'raced', ...SITE_DEFAULTS, name: 'ours' }, 1000)
    await opened.connection.command(
      `INSERT INTO sites SELECT * REPLACE ('theirs' AS name, created_at - INTERVAL 1 MILLISECOND AS created_at, 'x' AS token)
       FROM sites WHERE id = 'raced'`,
    )
    expect((await registry.load()).sites.find((one) => one.id === 'raced')?.name).toBe('theirs')
  })
})

describe('the views of ClickHouse', () => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.dispose())

  // DAY is Monday 2026-03-02; 31 days later is Thursday 2026-04-02.
  //       sealed            sealed, raw dropped?        open
  // Mon 2nd, 3 views     Sun 8th, 1 view             Thu 2 April, 2 views of one visitor
  it('are the counters: sealed rows plus open days, by week, month and year', async () => {
    const partition = newPartition(PARTITIONS)
    const site = siteIn(partition, PARTITIONS)
    const at = [0, 10, 5000, 6 * 86_400, 31 * 86_400, 31 * 86_400 + 1]
    const rows = at.map((at, offset) => storedEvent({ site, partition, offset, at, path: `/${offset % 2}` }))
    await new ClickHouseEventStore(opened.connection, PARTITIONS).insert(
      { partition, from: 0, next: rows.length, appendedAtMs: 0 },
      rows,
    )
    const sealer = new ClickHouseDaySealer(opened.connection)
    const read = async (sql: string) =>
      (await opened.connection.query<Record<string, unknown>>(sql, { site })).map((row) => Object.values(row).join(' '))
    const readAll = async () => ({
      days: await read('SELECT * EXCEPT site FROM site_days WHERE site = {site:String} ORDER BY day'),
      weeks: await read('SELECT * EXCEPT site FROM site_weeks WHERE site = {site:String} ORDER BY week_start, week'),
      months: await read('SELECT * EXCEPT site FROM site_months WHERE site = {site:String} ORDER BY month'),
      years: await read('SELECT * EXCEPT site FROM site_years WHERE site = {site:String} ORDER BY year'),
      paths: await read('SELECT * EXCEPT site FROM path_views WHERE site = {site:String} ORDER BY path'),
    })
    const expected = {
      days: ['2026-03-02 3 2 1', '2026-03-08 1 1 1', '2026-04-02 2 1 1'],
      weeks: [
        'monday 2026-03-02 4 3 2',
        'monday 2026-03-30 2 1 1',
        'sunday 2026-03-01 3 2 1',
        'sunday 2026-03-08 1 1 1',
        'sunday 2026-03-29 2 1 1',
      ],
      months: ['2026-03-01 4 3 2', '2026-04-01 2 1 1'],
      years: ['2026-01-01 6 4 3'],
      paths: ['/0 3', '/1 3'],
    }
    expect(await readAll()).toEqual(expected)
    await sealer.seal(partition, DAY + 10)
    expect(await readAll()).toEqual(expected)
    await sealer.dropRaw(partition, DAY + 10)
    expect(await readAll()).toEqual(expected)
  })
})

describe('ClickHouse in trouble', () => {
  it('loses no acknowledged insert when killed again and again under load', { timeout: 40_000 }, async () => {
    const { connection, crash, dispose } = await open()
    const store = new ClickHouseEventStore(connection, 1)
    const kills = 3
    const ended = new AbortController()
    const acknowledged = [0, 0, 0, 0]
    // What was not answered is sent again until it is, so in the end everything sent is acknowledged.
    const write = async (writer: number): Promise<void> => {
      while (!ended.signal.aborted) {
        const next = acknowledged[writer] as number
        const rows = Array.from({ length: 200 }, (_, at) =>
          storedEvent({ site: `killed-${writer}`, offset: next + at, at: (next + at) % 86_400, visitor: null }),
        )
        while (
          !(await store.insert({ partition: 7000 + writer, from: 0, next: next + 200, appendedAtMs: 0 }, rows).then(
            () => true,
            () => false,
          ))
        );
        acknowledged[writer] = next + 200
      }
    }
    const writers = acknowledged.map((_, writer) => write(writer))
    for (let kill = 0; kill < kills; kill++) {
      await vi.waitUntil(() => acknowledged.every((count) => count >= 400 * (kill + 1)), {
        timeout: 20_000,
        interval: 3,
      })
      await crash()
    }
    ended.abort()
    await Promise.all(writers)
    for (const [writer, count] of acknowledged.entries()) {
      expect(await store.position(7000 + writer)).toBe(count)
      expect((await store.numbers(`killed-${writer}`, DAY, DAY)).pageviews).toBe(count)
    }
    await dispose()
  })

  it('rejects in time when the server hangs, and works when it goes on', async () => {
    const started = await engine
    const impatient = connect(started, 700)
    const store = new ClickHouseEventStore(impatient, 1)
    await store.position(0)
    process.kill(started.pid as number, 'SIGSTOP')
    try {
      const many = Array.from({ length: 30 }, () => store.position(0))
      const insert = store.insert({ partition: 1, from: 0, next: 1, appendedAtMs: 0 }, [
        storedEvent({ site: 'hung', offset: 0, at: 0 }),
      ])
      const beganAtMs = performance.now()
      const results = await Promise.allSettled([...many, insert])
      expect(performance.now() - beganAtMs).toBeLessThan(3_000)
      expect(results.map((result) => result.status)).toEqual(Array.from({ length: 31 }, () => 'rejected'))
    } finally {
      process.kill(started.pid as number, 'SIGCONT')
    }
    expect(await store.position(0)).toBeGreaterThan(0)
    await impatient.close()
  })

  it('rejects at once when nobody is there', async () => {
    const nobody = new ClickHouseConnection({ url: 'http://127.0.0.1:9', username: 'u', password: 'p', database: 'd' })
    await expect(new ClickHouseEventStore(nobody, 1).position(0)).rejects.toThrow(/ECONNREFUSED/)
    await expect(new ClickHouseSiteRegistry(nobody).load()).rejects.toThrow(/ECONNREFUSED/)
  })
})
