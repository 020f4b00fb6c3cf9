import 'reflect-metadata'
import { runService } from '#service'
import { startCollector } from './collector.process.js'

await runService(startCollector)
