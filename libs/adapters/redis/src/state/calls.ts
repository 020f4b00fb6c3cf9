import type { RedisArgument } from '../connection/lua-script.js'

/** Arguments of one command within a script: Lua unpacks them onto a small stack. */
const MOST_ARGUMENTS = 2000
/** KEYS 1 and 2 are the root and the header. */
const RESERVED_KEYS = 2

/** The list of calls that both scripts take (scripts.ts). */
export class Calls {
  readonly keys: string[] = []
  readonly args: RedisArgument[] = []
  count = 0

  add(command: string, key: string, args: readonly RedisArgument[] = []): void {
    this.each(command, [key], args)
  }

  /** The same command for every key. */
  each(command: string, keys: readonly string[], args: readonly RedisArgument[] = []): void {
    if (keys.length === 0) return
    const first = RESERVED_KEYS + this.keys.length + 1
    for (const key of keys) this.keys.push(key)
    this.args.push(command, first, first + keys.length - 1, args.length)
    for (const arg of args) this.args.push(arg)
    this.count += keys.length
  }

  /** As many calls as it takes; `size` arguments belong together, `options` go in front of each call's. */
  sliced(command: string, key: string, args: readonly RedisArgument[], size: number, options: readonly string[] = []) {
    const most = MOST_ARGUMENTS - (MOST_ARGUMENTS % size)
    for (let at = 0; at < args.length; at += most) this.add(command, key, [...options, ...args.slice(at, at + most)])
  }
}
