import type { RedisArgument } from '../connection/lua-script.js'

/** Arguments of one command within a script: Lua unpacks them onto a small stack. */
const MOST_ARGUMENTS = 2000
/** KEYS 1 and 2 are the root and the header. */
const RESERVED_KEYS = 2

/** Places in `args` of what a run says of its keys. */
const LAST = 2

/**
 * The list of calls that both scripts take (scripts.ts). Calls in a row of one command with as many arguments are one run: a
 * batch is thousands of small calls, and what is said once for all of them is not said again.
 */
export class Calls {
  readonly keys: string[] = []
  readonly args: RedisArgument[] = []
  private run = { command: '', count: -1, at: 0 }

  add(command: string, key: string, args: readonly RedisArgument[] = []): void {
    const place = RESERVED_KEYS + this.keys.push(key)
    if (this.run.command === command && this.run.count === args.length) this.args[this.run.at + LAST] = place
    else {
      this.run = { command, count: args.length, at: this.args.length }
      this.args.push(command, place, place, args.length)
    }
    for (const arg of args) this.args.push(arg)
  }

  /** As many calls as it takes; `size` arguments belong together, `options` go in front of each call's. */
  sliced(command: string, key: string, args: readonly RedisArgument[], size: number, options: readonly string[] = []) {
    const most = MOST_ARGUMENTS - (MOST_ARGUMENTS % size)
    for (let at = 0; at < args.length; at += most) this.add(command, key, [...options, ...args.slice(at, at + most)])
  }
}
