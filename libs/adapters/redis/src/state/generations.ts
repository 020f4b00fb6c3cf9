import { settled } from '../connection/lua-script.js'
import { decodeCounts, keysOf } from '../layout/groups.js'
import { directoryKey, headerKey } from '../layout/partition-keys.js'
import { otherGenerations, type Place } from './known-state.js'

const KEYS_AT_ONCE = 1000

/**
 * Deletes every generation but the live one and `spared`, a bounded step at a time; what an end of the process leaves is listed
 * in the root until it is deleted. Whoever still makes one of them is refused from the first step on.
 */
export async function deleteOtherGenerations(place: Place, spared: string | undefined): Promise<void> {
  const { others } = await otherGenerations(place)
  for (const gen of others.keys()) if (gen !== spared) await deleteGeneration(place, gen)
}

async function deleteGeneration({ client, keys }: Place, gen: string): Promise<void> {
  const generation = keys.generation(gen)
  const directory = directoryKey(generation)
  await settled(client, () => client.hset(keys.root, `g${gen}`, 'old'))
  const groups = await settled(client, () => client.hgetall(directory))
  for (const [group, counts] of Object.entries(groups)) {
    const names = keysOf(group, decodeCounts(counts)).map((key) => generation + key)
    for (let at = 0; at < names.length; at += KEYS_AT_ONCE) {
      await settled(client, () => client.unlink(names.slice(at, at + KEYS_AT_ONCE)))
    }
    await settled(client, () => client.hdel(directory, group))
  }
  await settled(client, () => client.unlink(directory, headerKey(generation)))
  await settled(client, () => client.hdel(keys.root, `g${gen}`))
}
