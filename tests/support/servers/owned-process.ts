import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { endTree, own } from '../harness/cleanup.js'
import type { ProcessTree } from '../harness/processes.js'
import type { Patience } from '../harness/until.js'
import { until } from '../harness/until.js'

export interface OwnedProcessOptions {
  /** Its whole environment, but for the mark by which its tree is known. */
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  /** How a missing command is had. */
  readonly hint: string
}

/** A server's program that was started here; it ends with `endEverything()` at the latest. Its standard input stays open as long as we live. */
export class OwnedProcess {
  readonly pid: number
  readonly exited: Promise<number | null>
  private readonly tree: ProcessTree
  private readonly child: ChildProcess
  private said = ''

  constructor(
    private readonly command: string,
    args: readonly string[],
    { env, cwd, hint }: OwnedProcessOptions,
  ) {
    const mark = randomUUID()
    this.child = spawn(command, args, { env: { ...env, HARNESS_MARK: mark }, cwd, stdio: 'pipe' })
    this.exited = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.once('error', (error) => (this.said += String(error)))
    if (this.child.pid === undefined) throw new Error(`${command} is needed: ${hint}`)
    this.pid = this.child.pid
    this.tree = { rootPid: this.pid, mark, seen: [] }
    own(this.tree)
    this.child.stdin?.on('error', () => undefined)
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.said += chunk.toString()))
  }

  output(): string {
    return this.said
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  signal(name: NodeJS.Signals): void {
    if (!this.hasEnded()) process.kill(this.pid, name)
  }

  /** SIGKILL to all of its tree; resolves when it is gone. */
  async kill(): Promise<void> {
    await endTree(this.tree)
    if (!this.hasEnded()) await this.exited
  }

  /** Resolves when it answers; rejects, with what it said, when it ends before or takes too long. */
  async untilItAnswers(answers: () => Promise<boolean>, patience: Patience = {}): Promise<void> {
    const what = `${this.command} to answer`
    await until(() => this.hasEnded() || answers(), { everyMs: 20, what, ...patience }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.said.slice(-4000)}`)
    })
    if (this.hasEnded()) throw new Error(`${this.command} ended\n${this.said.slice(-4000)}`)
  }
}
