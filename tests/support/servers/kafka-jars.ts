import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** As in kafka/pom.xml. */
const VERSION = '4.1.1'
const POM = resolve(import.meta.dirname, 'kafka/pom.xml')

/** The folder with the broker's jars, kept between runs and outside of the tree; Maven fills it once. */
export async function kafkaJars(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'truycap')
  const folder = join(cache, `kafka-${VERSION}`)
  if (existsSync(folder)) return folder
  const half = join(cache, `kafka-${VERSION}.${randomUUID()}`)
  await mkdir(half, { recursive: true })
  try {
    await maven(half)
    await rename(half, folder)
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    // Another run may have been first.
    if (!existsSync(folder)) throw error
  }
  return folder
}

async function maven(folder: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  const child = spawn('mvn', ['-q', '-B', '-f', POM, ...goal], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error('Maven is needed to fetch Kafka for the tests: apt-get install maven', { cause: error })),
    )
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`Maven could not fetch Kafka ${VERSION}: ${said.slice(-2000)}`)
}
