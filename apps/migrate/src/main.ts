import { migrateCommand } from './migrate.command.js'

process.exit(await migrateCommand(process.env, process.stdout, process.stderr))
