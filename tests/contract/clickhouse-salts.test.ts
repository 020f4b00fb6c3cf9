import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SITE_DEFAULTS, isoDate } from '#domain'
import { ClickHouseConnection, ClickHouseSalts, ClickHouseSiteRegistry, migrate } from '#adapters/clickhouse'
import { fileDirectoryCache, hashOfKey, SiteDirectory } from '#directory'
import { saltsContract, type SaltsUnderTest } from '#ports/testing'
import { startEngine } from '../../libs/adapters/embedded/src/engine/engine.supervisor.js'

const DAY_MS = 86_400_000
const TODAY = 20_416
const at = (day: number, hours: number) => day * DAY_MS + hours * 3_600_000
const DAYS = Array.from({ length: 11 }, (_, n) => TODAY - 3 + n)

// One engine for the whole file; every test begins with an empty table.
const root = mkdtemp(join(tmpdir(), 'truycap-contract-'))
const engine = root.then((folder) => startEngine({ dataDir: join(folder, 'engine') }))
afterAll(async () => {
  await (await engine).stop()
  await rm(await root, { recursive: true, force: true })
})

/** A connection that can be made to reach nobody. */
interface Reach {
  readonly connection: ClickHouseConnection
  away: boolean
}

async function connect(): Promise<Reach> {
  const started = await engine
  const { username, password, database } = started
  const url = () => (reach.away ? 'http://127.0.0.1:9' : started.url())
  const reach: Reach = { connection: new ClickHouseConnection({ username, password, database, url }), away: false }
  return reach
}

const newFolder = async () => mkdtemp(join(await root, 'cache-'))

async function emptyTable(connection: ClickHouseConnection): Promise<void> {
  await migrate(connection)
  await connection.command('DROP TABLE salts SYNC')
  await migrate(connection)
}

/** Whether any file under the folder holds these characters. */
async function isAnywhere(folder: string, text: string): Promise<boolean> {
  for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const content = await readFile(join(found.parentPath, found.name)).catch(() => '') // merged or dropped meanwhile
    if (content.includes(text)) return true
  }
  return false
}

saltsContract('salts in ClickHouse', async () => {
  const { connection } = await connect()
  await emptyTable(connection)
  return underTest(connection, await newFolder())
})

async function underTest(connection: ClickHouseConnection, folder: string): Promise<SaltsUnderTest> {
  return {
    salts: await ClickHouseSalts.open(connection, folder),
    reopen: () => underTest(connection, folder),
    lose: async (day) => {
      await rm(join(folder, isoDate(day)))
      // Unlike a deletion of rows this makes ClickHouse forget the insert's token too.
      await connection.command('ALTER TABLE salts DROP PARTITION {day:String}', { day: isoDate(day) })
      return underTest(connection, folder)
    },
    keeps: async (text) => (await isAnywhere(join(await root, 'engine'), text)) || (await isAnywhere(folder, text)),
    dispose: () => connection.close(),
  }
}

describe('salts in ClickHouse', () => {
  let reach: Reach
  let folders: string[]
  beforeEach(async () => {
    reach = await connect()
    await emptyTable(reach.connection)
    folders = [await newFolder(), await newFolder(), await newFolder()]
  })
  afterEach(() => reach.connection.close())

  const openAll = () => Promise.all(folders.map((folder) => ClickHouseSalts.open(reach.connection, folder)))
  const saltsOf = (salts: ClickHouseSalts, days = DAYS) => days.map((day) => salts.saltOf(day))
  const rowsOf = (day: number) =>
    reach.connection.query<{ salt: string }>('SELECT salt FROM salts WHERE day = {day:Date}', { day: isoDate(day) })
  const addRow = (day: number, createdAtMs: number, salt: string) =>
    reach.connection.command(
      'INSERT INTO salts SELECT {day:Date}, fromUnixTimestamp64Milli({at:Int64}), {salt:String}',
      { day: isoDate(day), at: createdAtMs, salt },
    )

  it('are the same for all who make them at once, one row a day', async () => {
    const all = await openAll()
    await Promise.all(all.map((salts, n) => salts.maintain(at(TODAY, 1) - n)))
    const [first, ...others] = all.map((salts) => saltsOf(salts))
    expect(first).not.toContain(null)
    expect(others).toEqual([first, first])
    for (const day of DAYS) expect(await rowsOf(day)).toHaveLength(1)
  })

  it('of one day are the smallest of (createdAt, salt), for who had read another too', async () => {
    const [one, other] = await openAll()
    await one.maintain(at(TODAY, 1))
    const [later, smaller, larger] = ['aa', 'bb', 'cc'].map((pair) => pair.repeat(32))
    await addRow(TODAY + 7, at(TODAY, 1) + 1, later)
    await addRow(TODAY + 7, at(TODAY, 1) - 1, larger)
    await addRow(TODAY + 7, at(TODAY, 1) - 1, smaller)
    await Promise.all([one, other].map((salts) => salts.maintain(at(TODAY, 2))))
    expect([one.saltOf(TODAY + 7), other.saltOf(TODAY + 7)]).toEqual([smaller, smaller])
  })

  it('are served from the disk while ClickHouse is away, over a new start, and destroyed there on time', async () => {
    const [salts] = await openAll()
    await salts.maintain(at(TODAY, 1))
    const before = saltsOf(salts)
    reach.away = true
    const [again] = await openAll()
    await expect(again.maintain(at(TODAY, 2))).rejects.toThrow(/ECONNREFUSED/)
    expect(saltsOf(again)).toEqual(before)
    await expect(again.maintain(at(TODAY + 3, 12))).rejects.toThrow(/ECONNREFUSED/)
    expect(again.saltOf(TODAY)).toBeNull()
    expect(again.saltOf(TODAY + 1)).toBe(before[4])
    expect(await isAnywhere(folders[0], before[3] as string)).toBe(false)
    reach.away = false
    expect(await rowsOf(TODAY)).toHaveLength(1)
    await again.maintain(at(TODAY + 3, 12))
    expect(await rowsOf(TODAY)).toHaveLength(0)
  })

  it('are not told before ClickHouse has confirmed them', async () => {
    const [salts] = await openAll()
    const insert = reach.connection.insert.bind(reach.connection)
    vi.spyOn(reach.connection, 'insert').mockImplementation(async (...given) => {
      await insert(...given)
      reach.away = true
    })
    await expect(salts.maintain(at(TODAY, 1))).rejects.toThrow(/ECONNREFUSED/)
    expect(saltsOf(salts).every((salt) => salt === null)).toBe(true)
    expect(await readdir(folders[0])).toEqual([])
    vi.restoreAllMocks()
    reach.away = false
    const [{ salt }] = await rowsOf(TODAY - 3)
    await salts.maintain(at(TODAY, 1))
    expect(salts.saltOf(TODAY - 3)).toBe(salt)
  })

  it('come back from a process that has them when ClickHouse lost them, and stay then', async () => {
    const [one, other] = await openAll()
    await one.maintain(at(TODAY, 1))
    const before = saltsOf(one)
    await reach.connection.command('TRUNCATE TABLE salts')
    await one.maintain(at(TODAY, 2))
    await addRow(TODAY, at(TODAY, 2), '00'.repeat(32)) // made by one who had found nothing
    await Promise.all([one, other].map((salts) => salts.maintain(at(TODAY, 3))))
    expect([saltsOf(one), saltsOf(other)]).toEqual([before, before])
  })

  it('are not given back shortly before they are destroyed, when another clock may be past that', async () => {
    const [one] = await openAll()
    await one.maintain(at(TODAY, 1))
    await reach.connection.command('TRUNCATE TABLE salts')
    await one.maintain(at(TODAY + 3, 11.5))
    expect(await rowsOf(TODAY)).toHaveLength(0)
    expect(await rowsOf(TODAY + 1)).toHaveLength(1)
    expect(one.saltOf(TODAY)).not.toBeNull()
  })
})

describe('a collector without ClickHouse', () => {
  it('starts with the sites and keys that it knew last, knows that it may lack some, and learns of them later', async () => {
    const reach = await connect()
    await migrate(reach.connection)
    const registry = new ClickHouseSiteRegistry(reach.connection)
    const file = join(await newFolder(), 'directory.json')
    const open = () => new SiteDirectory(registry, fileDirectoryCache(file))
    const key = { id: 'k1', siteId: 'known', role: 'ingest' as const, hash: hashOfKey('secret'), createdAtMs: 1 }
    await registry.createSite({ id: 'known', ...SITE_DEFAULTS }, 1000)
    await registry.addKey(key)
    const before = open()
    await before.start()
    await before.stop()
    await registry.createSite({ id: 'later', ...SITE_DEFAULTS }, 2000)

    reach.away = true
    const directory = open()
    await directory.start()
    expect([directory.loaded, directory.isRead]).toEqual([true, false])
    expect(directory.site('known')).toEqual(before.site('known'))
    expect(directory.key('secret')).toEqual(key)
    expect(await directory.find('later')).toBe('unknowable')

    reach.away = false
    await vi.waitUntil(() => directory.site('later') !== undefined, { timeout: 5000, interval: 20 })
    expect(directory.isRead).toBe(true)
    await directory.stop()
    await reach.connection.close()
  })
})
