import { defineConfig } from 'vitest/config'

// One project a tier. Unit specs share their workers' modules: loading them anew for each file cost half of the time.
// Tiers with processes run one file at a time: two cores, and honest timings.
const source = { resolve: { conditions: ['truycap-source'] }, ssr: { resolve: { conditions: ['truycap-source'] } } }
const processes = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: { name: 'unit', include: ['{apps,libs,web}/**/*.spec.ts', 'tests/support/**/*.spec.ts'], isolate: false },
      },
      { ...source, test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], ...processes } },
      { ...source, test: { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], ...processes } },
      { ...source, test: { name: 'faults', include: ['tests/faults/**/*.test.ts'], ...processes } },
      { ...source, test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], ...processes } },
    ],
  },
})
