import { reconcileCommand } from './reconcile.command.js'

process.exit(await reconcileCommand(process.env, process.stdout, process.stderr))
