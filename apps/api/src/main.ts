import 'reflect-metadata'
import { runService } from '#service'
import { startApi } from './api.process.js'

await runService(startApi)
