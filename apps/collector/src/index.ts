export * from './collector.module.js'
export * from './collector-options.js'
export { EventsDoor } from './events/events.door.js'
