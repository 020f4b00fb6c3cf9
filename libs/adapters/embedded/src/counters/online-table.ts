import { KeyTable, ONLINE_MEMORY_SECONDS, readWord } from '#domain'

const ROW_BYTES = 12

/** The last time (seconds) at which each online id of one site was seen. */
export class OnlineTable {
  private keys = new KeyTable(2)
  private times = new Float64Array(this.keys.capacity)
  private latest = 0
  private changed = false

  raise(onlineId: Uint8Array, t: number): void {
    this.put(readWord(onlineId, 0), readWord(onlineId, 4), t)
  }

  /** Ids with `after < t <= until`. */
  count(after: number, until: number): number {
    let count = 0
    for (let row = 0; row < this.keys.size; row++) {
      const t = this.times[row]
      if (t > after && t <= until) count++
    }
    return count
  }

  /** All rows, if any changed since the last call, without those that no window can reach any more. */
  takeChanged(): Uint8Array | null {
    if (!this.changed) return null
    this.forgetOld()
    const view = new DataView(new ArrayBuffer(this.keys.size * ROW_BYTES))
    for (let row = 0; row < this.keys.size; row++) {
      view.setUint32(row * ROW_BYTES, this.keys.word(row, 0))
      view.setUint32(row * ROW_BYTES + 4, this.keys.word(row, 1))
      view.setUint32(row * ROW_BYTES + 8, this.times[row])
    }
    this.changed = false
    return new Uint8Array(view.buffer)
  }

  restore(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.byteLength; at += ROW_BYTES) {
      this.put(view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8))
    }
    this.changed = false
  }

  private put(a: number, b: number, t: number): void {
    const rows = this.keys.size
    const row = this.keys.add(a, b)
    if (this.times.length < this.keys.capacity) {
      const grown = new Float64Array(this.keys.capacity)
      grown.set(this.times)
      this.times = grown
    }
    if (row < rows && this.times[row] >= t) return
    this.times[row] = t
    this.latest = Math.max(this.latest, t)
    this.changed = true
  }

  private forgetOld(): void {
    const oldest = this.latest - ONLINE_MEMORY_SECONDS
    if (this.count(oldest, this.latest) * 2 > this.keys.size) return
    const { keys, times } = this
    this.keys = new KeyTable(2)
    this.times = new Float64Array(this.keys.capacity)
    for (let row = 0; row < keys.size; row++) {
      if (times[row] > oldest) this.put(keys.word(row, 0), keys.word(row, 1), times[row])
    }
  }
}
