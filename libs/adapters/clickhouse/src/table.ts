import { RowBinaryWriter } from './row-binary.js'

/** One column: how it is declared and how a row's value is written. */
export interface Column<Row> {
  readonly name: string
  readonly type: string
  readonly write: (out: RowBinaryWriter, row: Row) => void
}

/** A table as data: the DDL and the insert both come from it, so they cannot disagree. */
export interface Table<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  /** Columns and indices that the server fills by itself. */
  readonly derived?: readonly string[]
  /** ENGINE, ORDER BY and so on. */
  readonly storage: string
}

type Read<Row, Value> = (row: Row) => Value

export const text = <Row>(name: string, read: Read<Row, string>, type = 'String'): Column<Row> => ({
  name,
  type,
  write: (out, row) => out.text(read(row)),
})

/** A text with few different values. */
export const word = <Row>(name: string, read: Read<Row, string>): Column<Row> =>
  text(name, read, 'LowCardinality(String)')

export const texts = <Row>(name: string, read: Read<Row, readonly string[]>): Column<Row> => ({
  name,
  type: 'Array(String)',
  write: (out, row) => out.texts(read(row)),
})

export const flag = <Row>(name: string, read: Read<Row, boolean>): Column<Row> => ({
  name,
  type: 'Bool',
  write: (out, row) => out.uint8(read(row) ? 1 : 0),
})

export const uint16 = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: 'UInt16',
  write: (out, row) => out.uint16(read(row)),
})

export const uint32 = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: 'UInt32',
  write: (out, row) => out.uint32(read(row)),
})

export const uint64 = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: 'UInt64',
  write: (out, row) => out.int64(read(row)),
})

/** Days since 1970-01-01; dates outside 1970-01-01 to 2149-06-06 are the nearest of these. */
export const date = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: 'Date',
  write: (out, row) => out.uint16(clamp(read(row), 0xffff)),
})

/** Whole seconds since the epoch; instants outside 1970 to 2106 are the nearest of these. */
export const seconds = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: "DateTime('UTC')",
  write: (out, row) => out.uint32(clamp(read(row), 0xffff_ffff)),
})

/** Milliseconds since the epoch. */
export const millis = <Row>(name: string, read: Read<Row, number>): Column<Row> => ({
  name,
  type: "DateTime64(3, 'UTC')",
  write: (out, row) => out.int64(read(row)),
})

export const fixed = <Row>(name: string, size: number, read: Read<Row, Uint8Array>): Column<Row> => ({
  name,
  type: `FixedString(${size})`,
  write: (out, row) => out.bytes(sized(name, size, read(row))),
})

/** A 64-bit hash, its first byte the most significant; or none. */
export const hash = <Row>(name: string, read: Read<Row, Uint8Array | null>): Column<Row> => ({
  name,
  type: 'Nullable(UInt64)',
  write: (out, row) => {
    const value = read(row)
    out.uint8(value === null ? 1 : 0)
    if (value !== null) out.bytes(sized(name, 8, value), true)
  },
})

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 0), max)

/** A wrong length would shift every byte after it. */
function sized(name: string, size: number, value: Uint8Array): Uint8Array {
  if (value.length !== size) throw new RangeError(`${name} must have ${size} bytes, not ${value.length}`)
  return value
}

/** The statement that creates the table unless it exists. */
export function createSql<Row>({ name, columns, derived = [], storage }: Table<Row>): string {
  const lines = [...columns.map((column) => `${column.name} ${column.type}`), ...derived]
  return `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(',\n  ')}\n) ${storage}`
}

/** The statement that inserts rows given by {@link encodeRows}. */
export const insertSql = <Row>({ name, columns }: Table<Row>): string =>
  `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')}) FORMAT RowBinary`

/** The rows in the order of the table's columns. */
export function encodeRows<Row>({ columns }: Table<Row>, rows: Iterable<Row>): Buffer {
  const out = new RowBinaryWriter()
  for (const row of rows) for (const column of columns) column.write(out, row)
  return out.finish()
}
