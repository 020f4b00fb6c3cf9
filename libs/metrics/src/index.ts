export * from './metrics.js'
export * from './tally-counter.js'
