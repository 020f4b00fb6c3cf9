/** Why the spool takes nothing: no room within its limit, a promise that is already broken, the disk, or the end. */
export type SpoolRefusal = 'full' | 'too old' | 'disk' | 'closed'

/** The log is away and the spool cannot stand in for it: the sender must try again with the same ids. */
export class SpoolRefusedError extends Error {
  constructor(
    readonly reason: SpoolRefusal,
    cause?: unknown,
  ) {
    super(`The log is away and the spool takes nothing: ${reason}.`, { cause })
    this.name = 'SpoolRefusedError'
  }
}
