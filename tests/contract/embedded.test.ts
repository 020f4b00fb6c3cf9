import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isoDate } from '#domain'
import { EmbeddedConsumer, EmbeddedCounters, EmbeddedLog, FileSalts } from '#adapters/embedded'
import { systemClock } from '#ports'
import {
  type CountersUnderTest,
  countersContract,
  eventLogContract,
  type LogUnderTest,
  saltsContract,
  type SaltsUnderTest,
} from '#ports/testing'

const temporary = () => mkdtemp(join(tmpdir(), 'truycap-contract-'))
const gone = (folder: string) => rm(folder, { recursive: true, force: true })

for (const partitions of [1, 4]) {
  countersContract(`embedded counters in ${partitions} partition(s)`, async () =>
    openCounters(partitions, await temporary()),
  )
  eventLogContract(`embedded log in ${partitions} partition(s)`, async () => openLog(partitions, await temporary()))
}

saltsContract('salts in files', async () => openSalts(await temporary()))

async function openCounters(partitions: number, folder: string): Promise<CountersUnderTest> {
  const counters = await EmbeddedCounters.open({ folder, partitions, checkpointEveryMs: 1_000_000 })
  const dispose = async () => {
    await counters.close()
    await gone(folder)
  }
  return {
    counters,
    partitions,
    persist: () => counters.checkpoint(),
    dispose,
    // As kill -9 leaves it: a copy of the files as they are, while the old instance never gets to write its last words there.
    reopen: async () => {
      const copy = await temporary()
      await cp(folder, copy, { recursive: true })
      await dispose()
      return openCounters(partitions, copy)
    },
  }
}

async function openLog(partitions: number, folder: string): Promise<LogUnderTest> {
  const log = await EmbeddedLog.open(folder, partitions, systemClock)
  return {
    log,
    consumer: new EmbeddedConsumer(log, systemClock, { idleMs: 20, onHalt: () => undefined }),
    reopen: async () => {
      const copy = await temporary()
      await cp(folder, copy, { recursive: true })
      await log.close()
      await gone(folder)
      return openLog(partitions, copy)
    },
    dispose: async () => {
      await log.close()
      await gone(folder)
    },
  }
}

async function openSalts(folder: string): Promise<SaltsUnderTest> {
  return {
    salts: await FileSalts.open(folder),
    reopen: () => openSalts(folder),
    lose: async (day) => {
      await rm(join(folder, isoDate(day)))
      return openSalts(folder)
    },
    keeps: async (text) => {
      const files = await readdir(folder)
      const contents = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
      return contents.some((content) => content.includes(text))
    },
    dispose: () => gone(folder),
  }
}
