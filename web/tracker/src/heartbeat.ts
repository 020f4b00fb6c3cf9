// Without input for so long, nobody is taken to be in front of the page.
const IDLE_MS = 1_800_000

/**
 * Milliseconds until a visible page owes its next heartbeat, 0 or less when it is due, Infinity while its reader is
 * idle. A view or an event is as good as a heartbeat; a leave is not, since the online number does not look at it
 * (contract section 1).
 *
 * @param countedAtMs when the last view, event or heartbeat was sent
 * @param inputAtMs when the reader last touched the page or came back to it
 */
export function heartbeatWaitMs(nowMs: number, countedAtMs: number, inputAtMs: number, everyMs: number): number {
  return nowMs - inputAtMs >= IDLE_MS ? Infinity : countedAtMs + everyMs - nowMs
}
