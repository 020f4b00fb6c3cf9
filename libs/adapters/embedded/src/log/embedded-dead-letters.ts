import type { DeadLetter, DeadLetters } from '#ports'
import { DurableLevel } from '#disk'

/** Dead letters in a LevelDB folder, by reason and place in the log. */
export class EmbeddedDeadLetters implements DeadLetters {
  private constructor(private readonly db: DurableLevel) {}

  static async open(folder: string): Promise<EmbeddedDeadLetters> {
    return new EmbeddedDeadLetters(await DurableLevel.open(folder))
  }

  async add(letters: readonly DeadLetter[]): Promise<void> {
    await this.db.write(
      letters.map(({ reason, partition, offset, bytes }) => ({
        type: 'put',
        key: `${reason}/${partition}/${String(offset).padStart(16, '0')}`,
        value: bytes,
      })),
    )
  }

  async close(): Promise<void> {
    await this.db.close()
  }
}
