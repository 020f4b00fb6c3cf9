import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcessTree } from './processes.js'
import { aliveIn, killAll } from './processes.js'
import { until } from './until.js'

const trees = new Set<ProcessTree>()
const folders = new Set<string>()
const mounts = new Set<string>()

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

function unmount(folder: string): void {
  mounts.delete(folder)
  spawnSync('umount', ['--lazy', folder])
}

/**
 * A new folder that is a disk of its own, of so many bytes. Only root may make one; elsewhere it throws and says so, as
 * a test of a full disk that is skipped tells nothing.
 */
export function tempDisk(bytes: number): string {
  const folder = tempFolder('truycap-disk-')
  const options = ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder]
  const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`a small disk for this test needs root and the right to mount: ${stderr ?? ''}`)
  mounts.add(folder)
  return folder
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
  for (const folder of mounts) unmount(folder)
  for (const folder of folders) removeFolder(folder)
}

// The last resort, when a test file is ended before its hooks: synchronous, and only what was started here.
process.on('exit', () => {
  for (const tree of trees) killAll(aliveIn(tree))
  for (const folder of mounts) unmount(folder)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
