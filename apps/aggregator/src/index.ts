export * from './aggregator.module.js'
export * from './aggregator.service.js'
