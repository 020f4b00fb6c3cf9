export * from './event-stream.js'
export * from './recount.js'
