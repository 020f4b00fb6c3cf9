import type { Clock } from '#ports'

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  constructor(private atMs: number) {}

  static at(iso: string): TestClock {
    return new TestClock(Date.parse(iso))
  }

  now(): number {
    return this.atMs
  }

  set(iso: string): void {
    this.atMs = Date.parse(iso)
  }

  pass(ms: number): void {
    this.atMs += ms
  }
}
