export * from './faulty-log.js'
