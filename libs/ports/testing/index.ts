export * from './counters.contract.js'
export * from './event-log.contract.js'
export * from './salts.contract.js'
