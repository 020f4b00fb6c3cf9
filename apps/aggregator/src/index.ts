export * from './aggregator.module.js'
export * from './aggregator.service.js'
export * from './group-subscriber.module.js'
