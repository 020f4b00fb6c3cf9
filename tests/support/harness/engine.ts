import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from './http.js'

/** Asks the ClickHouse engine of a running product directly, by the address and header in its configuration. */
export async function askEngine<Row extends object>(dataDir: string, sql: string): Promise<Row[]> {
  const xml = readFileSync(join(dataDir, 'clickhouse/config/server.xml'), 'utf8')
  const valueOf = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? ''
  const { status, text } = await request({
    url: `http://127.0.0.1:${valueOf('http_port')}/?database=truycap&output_format_json_quote_64bit_integers=0`,
    method: 'POST',
    headers: { Authorization: valueOf('Authorization') },
    body: `${sql} FORMAT JSONEachRow`,
  })
  if (status !== 200) throw new Error(`${sql}: ${status} ${text}`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
