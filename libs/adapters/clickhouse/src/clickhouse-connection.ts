import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { encodeRows, insertSql } from './table.js'
import type { Table } from './table.js'

export interface ClickHouseOptions {
  /** Asked before every request, so that a server which came back on another port is found. */
  readonly url: string | (() => string)
  readonly username: string
  readonly password: string
  readonly database: string
  /** After this a request is given up and rejects; whether the server did it is then unknown. */
  readonly requestTimeoutMs?: number
}

/** Values for the `{name:Type}` places of a statement; nothing else ever gets into its text. */
export type SqlParams = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>

const REQUEST_TIMEOUT_MS = 30_000

/** Statements to one ClickHouse database. No connection is opened before the first of them; all reject, none retries. */
export class ClickHouseConnection {
  readonly database: string
  private readonly timeoutMs: number
  private current: { readonly url: string; readonly client: ClickHouseClient } | undefined

  constructor(private readonly options: ClickHouseOptions) {
    this.database = options.database
    this.timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  }

  /** The rows of a SELECT without FORMAT; 64-bit integers come as strings. */
  query<Row>(sql: string, params: SqlParams = {}): Promise<Row[]> {
    return this.within(async (client, signal) => {
      const result = await client.query({
        query: sql,
        query_params: params,
        format: 'JSON', // a whole document: an answer without a body is an error, and never no rows
        abort_signal: signal,
      })
      return (await result.json<Row>()).data
    })
  }

  /** A statement without a result. */
  command(sql: string, params: SqlParams = {}): Promise<void> {
    return this.within(async (client, signal) => {
      await client.command({ query: sql, query_params: params, abort_signal: signal })
    })
  }

  /**
   * Resolves when the server has the rows, if any, as durably as the table says. Rows given twice collapse. Of inserts into
   * one partition with the same `token` the first is kept and the others come to nothing, where the table remembers tokens.
   */
  insert<Row>(table: Table<Row>, rows: Iterable<Row>, token?: string): Promise<void> {
    return this.insertEncoded(table, [encodeRows(table, rows)], token)
  }

  /** The same of rows that were encoded before, in any pieces. */
  async insertEncoded<Row>(table: Table<Row>, pieces: readonly Uint8Array[], token?: string): Promise<void> {
    if (pieces.every(({ length }) => length === 0)) return
    await this.within(async (client, signal) => {
      const values = Readable.from(pieces, { objectMode: false })
      const settings = token === undefined ? {} : { clickhouse_settings: { insert_deduplication_token: token } }
      const { stream } = await client.exec({ query: insertSql(table), values, abort_signal: signal, ...settings })
      for await (const _ of stream) continue
    })
  }

  /** Removes rows from the disk, by a condition; resolves when no part that is read has them any more. */
  remove(table: string, where: string, params: SqlParams = {}): Promise<void> {
    return this.command(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2`, params)
  }

  /** The same server and user, with no database of ours needed to exist. */
  outside(): ClickHouseConnection {
    return new ClickHouseConnection({ ...this.options, database: 'system' })
  }

  async close(): Promise<void> {
    const { current } = this
    this.current = undefined
    await current?.client.close()
  }

  private client(): ClickHouseClient {
    const { url } = this.options
    const now = typeof url === 'string' ? url : url()
    if (this.current?.url !== now) {
      void this.current?.client.close()
      this.current = { url: now, client: createClient({ ...this.clientOptions(), url: now }) }
    }
    return this.current.client
  }

  private clientOptions(): Parameters<typeof createClient>[0] {
    const { username, password } = this.options
    return {
      username,
      password,
      database: this.database,
      application: 'truycap',
      request_timeout: this.timeoutMs,
      use_multipart_params_auto: true,
      clickhouse_settings: settings(this.timeoutMs),
      // Errors go to the caller; the client would also print them.
      log: { level: ClickHouseLogLevel.OFF },
    }
  }

  /** The client's own timeout does not cover the wait for a free socket, nor a body that stops coming. */
  private async within<T>(work: (client: ClickHouseClient, signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`ClickHouse did not answer within ${this.timeoutMs} ms`))
        abort.abort()
      }, this.timeoutMs)
    })
    try {
      return await Promise.race([work(this.client(), abort.signal), expired])
    } finally {
      clearTimeout(timer)
    }
  }
}

/**
 * Answers are buffered in memory: beyond that the server writes them to a temporary file, and on a full disk answers 200 with
 * an empty body, which once read as "there are no sites".
 */
const ANSWER_BUFFER_BYTES = 16 * 1024 * 1024

const settings = (timeoutMs: number): ClickHouseSettings => ({
  async_insert: 0,
  wait_end_of_query: 1,
  http_response_buffer_size: String(ANSWER_BUFFER_BYTES),
  output_format_json_quote_64bit_integers: 1,
  do_not_merge_across_partitions_select_final: 1,
  max_execution_time: Math.ceil(timeoutMs / 1000),
})
