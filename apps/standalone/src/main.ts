import 'reflect-metadata'
import { runService } from '#service'
import { startStandalone } from './standalone.js'

await runService(startStandalone)
