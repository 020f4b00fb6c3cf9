export * from './clickhouse-connection.js'
export * from './clickhouse-event-store.js'
export * from './clickhouse-site-registry.js'
export * from './schema.js'
