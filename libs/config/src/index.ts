export * from './read-config.js'
export * from './variables.js'
export * from './cluster-options.js'
