import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS, POSITIONS } from './event.table.js'
import { OFFSET_COMMITS } from './offset.table.js'
import { KEYS, SITES } from './registry.table.js'
import { DAILY_SALTS } from './salt.table.js'
import { SEALED_DAYS, SEALED_PATHS, SEALS } from './sealed.table.js'
import { createSql } from './table.js'
import { VIEWS } from './views.sql.js'

const TABLES = [
  createSql(EVENTS),
  createSql(POSITIONS),
  createSql(SEALED_DAYS),
  createSql(SEALED_PATHS),
  createSql(SEALS),
  createSql(SITES),
  createSql(KEYS),
  createSql(OFFSET_COMMITS),
  createSql(DAILY_SALTS),
]

/** Creates the database, the tables and the views that are missing. Idempotent, safe to run twice at once. */
export async function migrate(connection: ClickHouseConnection): Promise<void> {
  const outside = connection.outside()
  try {
    await createDatabase(outside, connection.database)
  } finally {
    await outside.close()
  }
  for (const sql of TABLES) await connection.command(sql)
  for (const [name, sql] of VIEWS) await connection.command(`CREATE VIEW IF NOT EXISTS ${name} AS ${sql}`)
}

/** Not even tried where it exists: a user may own a database and yet have no right to create one. */
async function createDatabase(outside: ClickHouseConnection, name: string): Promise<void> {
  const found = await outside.query('SELECT 1 FROM system.databases WHERE name = {name:String}', { name })
  if (found.length > 0) return
  await outside.command('CREATE DATABASE IF NOT EXISTS {name:Identifier} ENGINE = Atomic', { name })
}
