import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { tempFolder } from '../harness/cleanup.js'
import { request } from '../harness/http.js'
import { onFreePorts } from './free-ports.js'
import { OwnedProcess } from './owned-process.js'

const USER = 'truycap'
const PASSWORD = 'password-of-the-tests'

/** Opens the configured port, then blocks on standard input, so the server ends with whoever started it. */
const BOOT = "SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString', 'line String') FORMAT Null"

/** Runs `clickhouse local` of the engine's library; its own handler of crash signals would hang for minutes. */
const ENTRY = `
const [, ffi, library, configFile] = process.argv
const { open, load, DataType: { Void, I32, External, StringArray } } = require(ffi)
open({ library: 'engine', path: library })
load({ library: 'engine', funcName: 'chdb_set_signal_handlers_enabled', retType: Void, paramsType: [I32], paramsValue: [0] })
const argv = ['clickhouse', '--config-file=' + configFile, ${JSON.stringify(`--query=${BOOT}`)}]
load({ library: 'engine', funcName: 'query_stable_v2', retType: External, paramsType: [I32, StringArray], paramsValue: [argv.length, argv] })
process.exit(0)
`

/** A throw-away ClickHouse server on loopback, from the engine of npm, in a folder and on a port that it keeps over restarts. */
export class ClickHouseServer {
  readonly folder = tempFolder('truycap-clickhouse-')
  readonly user = USER
  readonly password = PASSWORD
  readonly host = '127.0.0.1'
  private process: OwnedProcess | undefined

  private constructor(readonly port: number) {}

  static start(): Promise<ClickHouseServer> {
    return onFreePorts(1, async ([port = 0]) => {
      const server = new ClickHouseServer(port)
      try {
        await server.restart()
        return server
      } catch (error) {
        await server.kill()
        throw error
      }
    })
  }

  get url(): string {
    return `http://${this.host}:${this.port}`
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.process?.kill()
    this.process = undefined
  }

  /** A copy of its data as a snapshot of the disk would be, as long as nobody writes; give it back with `restore`. */
  copy(): string {
    const folder = tempFolder('truycap-clickhouse-copy-')
    cpSync(join(this.folder, 'tables'), folder, { recursive: true, verbatimSymlinks: true })
    return folder
  }

  /** Puts a copy in the place of its data; it must not run. */
  restore(copy: string): void {
    rmSync(join(this.folder, 'tables'), { recursive: true })
    cpSync(copy, join(this.folder, 'tables'), { recursive: true, verbatimSymlinks: true })
  }

  /** On the same port and folder, killed first if it runs; resolves when it answers. */
  async restart(): Promise<void> {
    await this.kill()
    const require = createRequire(import.meta.url)
    const library = join(dirname(require.resolve('@chdb/lib-linux-x64-gnu/package.json')), 'libchdb.so')
    const args = ['--input-type=commonjs', '--eval', ENTRY, require.resolve('ffi-rs'), library, this.configFile()]
    const hint = 'the Node that runs the tests'
    this.process = new OwnedProcess(process.execPath, args, { env: { TZ: 'UTC' }, cwd: this.folder, hint })
    await this.process.untilItAnswers(() => this.answers(), { timeoutMs: 30_000, what: 'ClickHouse to answer' })
  }

  /** The rows of a statement, as text. */
  async query(sql: string, database = 'system'): Promise<string> {
    const headers = { 'X-ClickHouse-User': USER, 'X-ClickHouse-Key': PASSWORD, 'X-ClickHouse-Database': database }
    const answer = await request({ url: this.url, method: 'POST', headers, body: sql })
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.text
  }

  private async answers(): Promise<boolean> {
    return this.query('SELECT 1').then(
      (text) => text === '1\n',
      () => false,
    )
  }

  private configFile(): string {
    const conf = join(this.folder, 'conf')
    mkdirSync(conf, { recursive: true })
    const everywhere = '<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>'
    writeFileSync(
      join(conf, 'users.xml'),
      `<clickhouse><profiles><default><max_threads>2</max_threads></default></profiles><quotas><default/></quotas><users>
      <default><password></password>${everywhere}</default>
      <${USER}><password>${PASSWORD}</password>${everywhere}</${USER}></users></clickhouse>`,
    )
    const file = join(conf, 'config.xml')
    writeFileSync(
      file,
      `<clickhouse><path>${join(this.folder, 'tables')}/</path><users_config>${join(conf, 'users.xml')}</users_config>
      <listen_host>${this.host}</listen_host><http_port>${this.port}</http_port>
      <shutdown_wait_unfinished>0</shutdown_wait_unfinished>
      <max_server_memory_usage>1500000000</max_server_memory_usage><mark_cache_size>33554432</mark_cache_size>
      <background_pool_size>2</background_pool_size>
      <background_merges_mutations_concurrency_ratio>2</background_merges_mutations_concurrency_ratio>
      <background_schedule_pool_size>4</background_schedule_pool_size>
      <merge_tree>
        <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
        <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
        <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
      </merge_tree></clickhouse>`,
    )
    return file
  }
}
