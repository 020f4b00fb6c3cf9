import { defineConfig } from 'vitest/config'

// One project a tier. Unit specs share their workers' modules: loading them anew for each file cost half of the time.
// Tiers with processes run one file at a time: two cores, and honest timings.
const source = { resolve: { conditions: ['truycap-source'] }, ssr: { resolve: { conditions: ['truycap-source'] } } }
const processes = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 }

/**
 * What speaks HTTP to one origin and nothing else: the same files against standalone and against the three services on
 * real servers. Left to standalone: what is about its one process, folder and clock (fresh-start, refused-start,
 * orderly-end, operations, docs, erasure, keys-on-disk, offsets-turns), real-input and forms, which would only tell
 * the same again of doors that are here, slower, and offsets-door, whose bodies of megabytes are refused while they are being sent: a
 * proxy then cuts the connection, as ours would for itself.
 */
const BLACK_BOX = [
  'browser-door',
  'browser-door-numbers',
  'server-door',
  'server-door-events',
  'sites-and-keys',
  'owner-door',
  'offsets',
  'widget-door',
  'rate-limit',
].map((name) => `tests/e2e/${name}.test.ts`)
const CLUSTER_ONLY = 'tests/e2e/cluster*.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          include: ['{apps,libs,web}/**/*.spec.ts', 'tests/support/**/*.spec.ts'],
          isolate: false,
          maxWorkers: '100%', // by default one core is left out
        },
      },
      { ...source, test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], ...processes } },
      {
        ...source,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: [CLUSTER_ONLY],
          globalSetup: 'tests/support/standalone.setup.ts',
          ...processes,
        },
      },
      {
        ...source,
        test: {
          name: 'cluster',
          include: [...BLACK_BOX, CLUSTER_ONLY],
          globalSetup: 'tests/support/cluster-servers.setup.ts',
          env: { TRUYCAP_TEST_MODE: 'cluster' },
          ...processes,
        },
      },
      { ...source, test: { name: 'faults', include: ['tests/faults/**/*.test.ts'], maxConcurrency: 2, ...processes } },
      // Not part of `npm test`: `npm run scale` takes minutes and is about figures.
      { ...source, test: { name: 'scale', include: ['tests/scale/**/*.test.ts'], ...processes } },
      { ...source, test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], ...processes } },
    ],
  },
})
