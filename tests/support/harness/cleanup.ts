import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcessTree } from './processes.js'
import { aliveIn, killAll } from './processes.js'
import { until } from './until.js'

const trees = new Set<ProcessTree>()
const folders = new Set<string>()

/** A new folder that is removed at the end. */
export function tempFolder(prefix = 'truycap-test-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  folders.delete(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

export function own(tree: ProcessTree): void {
  trees.add(tree)
}

/** SIGKILL to a whole tree, at once, and again until nothing of it is left; then it is no longer ours. */
export async function endTree(tree: ProcessTree): Promise<void> {
  killAll(aliveIn(tree))
  await until(
    () => {
      const left = aliveIn(tree)
      killAll(left)
      return left.length === 0
    },
    { timeoutMs: 10_000, everyMs: 5, what: `the end of the process tree of ${tree.rootPid}` },
  )
  // What the faketime wrapper leaves when it is killed.
  for (const name of ['faketime_shm_', 'sem.faketime_sem_']) rmSync(`/dev/shm/${name}${tree.rootPid}`, { force: true })
  trees.delete(tree)
}

/** Ends every process and removes every folder of this harness. Call it in `afterEach` or `afterAll`. */
export async function endEverything(): Promise<void> {
  await Promise.all([...trees].map(endTree))
  for (const folder of folders) removeFolder(folder)
}

// The last resort, when a test file is ended before its hooks: synchronous, and only what was started here.
process.on('exit', () => {
  for (const tree of trees) killAll(aliveIn(tree))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
