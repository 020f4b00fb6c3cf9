import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS, POSITIONS } from './event.table.js'
import { OFFSET_COMMITS } from './offset.table.js'
import { KEYS, SITES } from './registry.table.js'
import { createSql } from './table.js'

/** Creates the database and the tables that are missing. Idempotent, safe to run twice at once. */
export async function migrate(connection: ClickHouseConnection): Promise<void> {
  const outside = connection.outside()
  try {
    await createDatabase(outside, connection.database)
  } finally {
    await outside.close()
  }
  for (const sql of [
    createSql(EVENTS),
    createSql(POSITIONS),
    createSql(SITES),
    createSql(KEYS),
    createSql(OFFSET_COMMITS),
  ]) {
    await connection.command(sql)
  }
}

/** Not even tried where it exists: a user may own a database and yet have no right to create one. */
async function createDatabase(outside: ClickHouseConnection, name: string): Promise<void> {
  const found = await outside.query('SELECT 1 FROM system.databases WHERE name = {name:String}', { name })
  if (found.length > 0) return
  await outside.command('CREATE DATABASE IF NOT EXISTS {name:Identifier} ENGINE = Atomic', { name })
}
