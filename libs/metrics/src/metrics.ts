import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { TallyCounter } from './tally-counter.js'
import { TallyHistogram } from './tally-histogram.js'

/** Seconds, from a fast fsync to a stuck disk. */
const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const SIZES = [1, 5, 10, 50, 100, 250, 500, 1000, 5000, 10_000, 50_000]

export const METRICS = Symbol('Metrics')

/**
 * The instruments of contract section 6, for one process. No label carries a site id, a path, an address or a visitor.
 * Instruments of what a process does not do stay absent from its registry until first used.
 */
export class Metrics {
  readonly registry = new Registry()

  readonly beacons = new TallyCounter({
    name: 'truycap_beacons_total',
    help: 'Beacons and server events taken or refused, by outcome: kept, a drop reason, or an error code.',
    label: 'outcome',
    registry: this.registry,
  })
  readonly events = new Counter({
    name: 'truycap_events_total',
    help: 'Events read from the log by the counters, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  })
  readonly logAppendSeconds = new TallyHistogram({
    name: 'truycap_log_append_seconds',
    help: 'From handing events to the log until they are durable.',
    buckets: DURATIONS,
    registry: this.registry,
  })
  readonly consumerLag = new Gauge({
    name: 'truycap_consumer_lag',
    help: 'Records in the log that a consumer group has not applied yet.',
    labelNames: ['group'] as const,
    registers: [this.registry],
  })
  readonly freshnessSeconds = new TallyHistogram({
    name: 'truycap_freshness_seconds',
    help: 'From the receipt of an event until it is in the counters.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600, 3600],
    registry: this.registry,
  })
  readonly batchSize = new Histogram({
    name: 'truycap_batch_size',
    help: 'Records in one batch, by consumer group.',
    labelNames: ['group'] as const,
    buckets: SIZES,
    registers: [this.registry],
  })
  readonly counterApplySeconds = new Histogram({
    name: 'truycap_counter_apply_seconds',
    help: 'Loading, reducing and committing one batch of the counters.',
    buckets: DURATIONS,
    registers: [this.registry],
  })
  readonly storeInsertSeconds = new Histogram({
    name: 'truycap_store_insert_seconds',
    help: 'Inserting one batch into the store.',
    buckets: DURATIONS,
    registers: [this.registry],
  })
  readonly counterDrift = new Gauge({
    name: 'truycap_counter_drift',
    help: 'Largest difference between a counter and the store at one offset, by period; 0 when all are equal.',
    labelNames: ['period'] as const,
    registers: [this.registry],
  })
  readonly deadLetters = new Counter({
    name: 'truycap_dead_letters_total',
    help: 'Records set aside, by reason.',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  })
  readonly spoolBytes = new Gauge({
    name: 'truycap_spool_bytes',
    help: "Bytes of the events that wait on the collector's disk for the log to come back.",
    registers: [this.registry],
  })
  readonly spoolOldestSeconds = new Gauge({
    name: 'truycap_spool_oldest_seconds',
    help: 'Age of the oldest of these events; 0 when there are none. Over 24 h new beacons are refused.',
    registers: [this.registry],
  })
  readonly snapshotAgeSeconds = new Gauge({
    name: 'truycap_snapshot_age_seconds',
    help: 'Age of the oldest snapshot that the widget door serves.',
    registers: [this.registry],
  })
  readonly widgetRequests = new TallyCounter({
    name: 'truycap_widget_requests_total',
    help: 'Requests at the widget door, by status.',
    label: 'status',
    registry: this.registry,
  })
  readonly untrustedForwarded = new Counter({
    name: 'truycap_untrusted_forwarded_total',
    help: 'Requests whose X-Forwarded-For was not believed, because their peer is not in TRUST_PROXY.',
    registers: [this.registry],
  })
}
