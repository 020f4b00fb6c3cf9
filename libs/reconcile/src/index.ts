export * from './reconciler.js'
