import { readFileSync, readdirSync } from 'node:fs'

/** A process as it was once seen. `startedAt` (clock ticks since boot) tells it from a later one with the same pid. */
export interface SeenProcess {
  pid: number
  parentPid: number
  startedAt: string
  isZombie: boolean
}

function read(pid: number, file: 'stat' | 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

function seen(pid: number): SeenProcess | undefined {
  const stat = read(pid, 'stat')
  if (stat === '') return undefined
  // The command name stands in brackets and may hold anything, so the fields are counted from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid, parentPid: Number(fields[1]), startedAt: fields[19] ?? '', isZombie: fields[0] === 'Z' }
}

function all(): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => seen(Number(name)))
    .filter((process) => process !== undefined)
}

export function isAlive(process: SeenProcess): boolean {
  const now = seen(process.pid)
  return now !== undefined && now.startedAt === process.startedAt && !now.isZombie
}

/** A tree of processes that was started here. */
export interface ProcessTree {
  rootPid: number
  /** Stands in the environment of all that did not clear it. */
  mark: string
  /** All that was ever seen of it. */
  seen: SeenProcess[]
}

function found({ rootPid, mark }: ProcessTree): SeenProcess[] {
  const processes = all()
  const tree = new Set([rootPid])
  for (let before = 0; before !== tree.size;) {
    before = tree.size
    for (const { pid, parentPid } of processes) if (tree.has(parentPid)) tree.add(pid)
  }
  return processes.filter(
    (one) => !one.isZombie && one.pid !== process.pid && (tree.has(one.pid) || read(one.pid, 'environ').includes(mark)),
  )
}

/**
 * What is alive of a tree: descendants of its root, whatever carries its mark, and what was seen in it before. So a
 * grandchild is still found when its parent is gone and it was adopted.
 */
export function aliveIn(tree: ProcessTree): SeenProcess[] {
  const known = new Set(tree.seen.map(({ pid, startedAt }) => `${pid} ${startedAt}`))
  tree.seen.push(...found(tree).filter(({ pid, startedAt }) => !known.has(`${pid} ${startedAt}`)))
  return tree.seen.filter(isAlive)
}

/** The arguments of a process, as it was started. */
export function argumentsOf(pid: number): string[] {
  return read(pid, 'cmdline').split('\0')
}

/** SIGKILL to each that still is the process that was seen. */
export function killAll(processes: readonly SeenProcess[]): void {
  for (const one of processes) {
    if (!isAlive(one)) continue
    try {
      process.kill(one.pid, 'SIGKILL')
    } catch {
      // It ended in between, which is what was wanted.
    }
  }
}
