import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { endTree, own } from '../harness/cleanup.js'
import type { ProcessTree } from '../harness/processes.js'

/** A Java program that was started here; it ends with `endEverything()` at the latest. */
export class JavaProcess {
  readonly pid: number
  readonly exited: Promise<number | null>
  private readonly tree: ProcessTree
  private readonly child: ChildProcess
  private readonly chunks: string[] = []

  constructor(args: readonly string[]) {
    const mark = randomUUID()
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], HARNESS_MARK: mark }
    this.child = spawn('java', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.once('error', (error) => this.chunks.push(String(error)))
    if (this.child.pid === undefined) throw new Error('Java is needed: apt-get install default-jre-headless')
    this.pid = this.child.pid
    this.tree = { rootPid: this.pid, mark, seen: [] }
    own(this.tree)
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => this.chunks.push(String(chunk)))
  }

  output(): string {
    return this.chunks.join('')
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  signal(name: NodeJS.Signals): void {
    if (!this.hasEnded()) process.kill(this.pid, name)
  }

  async kill(): Promise<void> {
    await endTree(this.tree)
    if (!this.hasEnded()) await this.exited
  }
}

/** Runs a program to its end; rejects with what it said when that was not good. */
export async function runJava(args: readonly string[]): Promise<void> {
  const java = new JavaProcess(args)
  const code = await java.exited
  await java.kill()
  if (code !== 0) throw new Error(`java ended with ${code}: ${java.output().slice(-2000)}`)
}
