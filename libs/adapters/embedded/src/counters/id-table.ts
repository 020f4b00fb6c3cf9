import { KeyTable } from '#domain'
import { PAGE_ROWS } from './run-table.js'

const WORDS = 4
const BYTES = WORDS * 4

/** The ids that one site counted in one UTC day, 16 bytes each and their index. */
export class IdTable {
  private readonly keys = new KeyTable(WORDS)
  private savedRows = 0

  get size(): number {
    return this.keys.size
  }

  has(words: readonly [number, number, number, number]): boolean {
    return this.keys.find(...words) >= 0
  }

  add(words: readonly [number, number, number, number]): void {
    this.keys.add(...words)
  }

  /** The pages with rows added since the last call, each encoded whole. */
  takeChangedPages(): [page: number, bytes: Uint8Array][] {
    const pages: [number, Uint8Array][] = []
    if (this.savedRows === this.keys.size) return pages
    for (let page = Math.floor(this.savedRows / PAGE_ROWS); page * PAGE_ROWS < this.keys.size; page++) {
      pages.push([page, this.encodePage(page)])
    }
    this.savedRows = this.keys.size
    return pages
  }

  /** Takes back one page; pages come in order. */
  restorePage(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.byteLength; at += BYTES) {
      this.keys.add(view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12))
    }
    this.savedRows = this.keys.size
  }

  private encodePage(page: number): Uint8Array {
    const from = page * PAGE_ROWS
    const to = Math.min(from + PAGE_ROWS, this.keys.size)
    const view = new DataView(new ArrayBuffer((to - from) * BYTES))
    for (let row = from; row < to; row++) {
      for (let i = 0; i < WORDS; i++) view.setUint32((row - from) * BYTES + i * 4, this.keys.word(row, i))
    }
    return new Uint8Array(view.buffer)
  }
}
