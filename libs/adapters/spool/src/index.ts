export * from './spool-options.js'
export * from './spool-refused.error.js'
export * from './spooled-log.js'
