/** Opens the configured port, then blocks on standard input: the engine ends in order when its parent closes the pipe or dies. */
const BOOT_SQL = "SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString', 'line String') FORMAT Null"

/**
 * What the engine's process runs, given [ffi module, engine library, configuration file]. It is source text, because
 * the child is then the same whether we run from TypeScript or from the build, with no file to find.
 *
 * - The engine gets a thread of its own, so the event loop stays free to watch the parent: should the orderly end
 *   hang after the parent's death, the process kills itself. An orphan would hold the data folder.
 * - Signals sent to the whole group (Ctrl-C, a service manager's SIGTERM) are the parent's business: the engine must
 *   outlive the parent's last writes.
 * - Without the first call a crash signal would hang the process for minutes in the engine's own handler.
 */
export const ENGINE_ENTRY = `
const [, ffi, library, configFile] = process.argv
process.title = 'truycap-engine'
process.umask(0o077)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(watch)
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5000)
}, 500)
const { open, load, DataType: { Void, I32, External, StringArray } } = require(ffi)
open({ library: 'engine', path: library })
const call = (funcName, retType, paramsType, paramsValue, runInNewThread = false) =>
  load({ library: 'engine', funcName, retType, paramsType, paramsValue, runInNewThread })
call('chdb_set_signal_handlers_enabled', Void, [I32], [0])
const argv = ['clickhouse', '--config-file=' + configFile, ${JSON.stringify(`--query=${BOOT_SQL}`)}]
call('query_stable_v2', External, [I32, StringArray], [argv.length, argv], true).then(() => process.exit(0), () => process.exit(1))
`
