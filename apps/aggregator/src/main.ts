import 'reflect-metadata'
import { runService } from '#service'
import { startAggregator } from './aggregator.process.js'

await runService(startAggregator)
