import type { AggregatorService } from '#aggregator'
import type { Health } from '#service'
import type { EmbeddedResources } from './embedded.resources.js'

/**
 * Ready when the log takes writes, the sites are known and the counters' group has joined (contract section 6). The store
 * may be away: nothing shown or acknowledged needs it.
 */
export function healthOf(resources: EmbeddedResources, aggregator: AggregatorService): Health {
  const counters = aggregator.state('counters')
  const store = aggregator.state('store') // asked even while the engine is down: it sets the gauge of the lag
  const log = resources.log.isWritable ? 'up' : 'down'
  const registry = resources.directory.loaded ? 'up' : 'starting'
  return {
    ready: log === 'up' && registry === 'up' && counters === 'up',
    dependencies: {
      log,
      registry,
      counters,
      store: store === 'up' ? resources.engine.state : store,
    },
  }
}
