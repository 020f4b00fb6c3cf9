// The dependency rule (ARCHITECTURE.md): an arrow means "may import". Everything not allowed here is an error.
const OURS = '^(apps|libs|web|tests|scripts)/'

/** In one file only, see below. */
const ADAPTERS = '^libs/adapters/[^/]+/src/index\\.ts$'

/** What a part may import of ours, as regular expressions on paths. */
const ALLOWED = {
  'libs/domain': ['^libs/domain/'],
  'libs/ports': ['^libs/(ports|domain)/'],
  'libs/config': ['^libs/config/'],
  'libs/metrics': ['^libs/metrics/'],
  'libs/service': ['^libs/(service|config|disk|http|metrics|ports|domain)/'],
  'libs/http': ['^libs/(http|domain)/'],
  'libs/disk': ['^libs/(disk|domain)/'],
  'libs/directory': ['^libs/(directory|disk|ports|domain)/'],
  'libs/reconcile': ['^libs/(reconcile|ports|domain)/'],
  'libs/adapters/embedded': ['^libs/(ports|domain|metrics|disk)/', '^libs/adapters/embedded/'],
  'libs/adapters/clickhouse': ['^libs/(ports|domain|metrics|disk)/', '^libs/adapters/clickhouse/'],
  'libs/adapters/spool': ['^libs/(ports|domain|metrics|disk)/', '^libs/adapters/spool/'],
  'libs/adapters/kafka': ['^libs/(ports|domain|metrics)/', '^libs/adapters/kafka/'],
  'libs/adapters/redis': ['^libs/(ports|domain|metrics)/', '^libs/adapters/redis/'],
  'libs/adapters/client-facts': ['^libs/(ports|domain|metrics)/', '^libs/adapters/client-facts/'],
  'apps/collector': ['^apps/collector/', '^libs/(domain|ports|config|metrics|directory|http|service)/', ADAPTERS],
  'apps/aggregator': [
    '^apps/aggregator/',
    '^libs/(domain|ports|config|metrics|directory|http|reconcile|service)/',
    ADAPTERS,
  ],
  'apps/api': ['^apps/api/', '^libs/(domain|ports|config|metrics|directory|http|service)/', ADAPTERS],
  'apps/migrate': ['^apps/migrate/', '^libs/config/', ADAPTERS],
  'apps/reconcile': ['^apps/reconcile/', '^libs/(domain|ports|config|reconcile)/', ADAPTERS],
  'apps/replay': ['^apps/replay/', '^libs/domain/'],
  'apps/standalone': ['^apps/', '^libs/'],
  web: ['^web/', '^libs/domain/'],
}

const layer = (name) => ({
  name: `${name.replaceAll('/', '-')}-keeps-its-layer`,
  severity: 'error',
  from: { path: `^${name}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: OURS, pathNot: ALLOWED[name] },
})

export default {
  forbidden: [
    ...Object.keys(ALLOWED).map(layer),
    {
      name: 'domain-is-pure',
      comment: 'No framework, driver or IO in a rule: of npm only zod, of Node only pure functions.',
      severity: 'error',
      from: { path: '^libs/domain/src/', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['npm', 'core'],
        pathNot: ['node_modules/zod/', '^zod$', '^(node:)?(crypto|net|buffer|util|url)$'],
      },
    },
    {
      name: 'adapters-are-named-in-one-file',
      comment: 'Only the composition root of a service names an adapter.',
      severity: 'error',
      from: {
        path: '^apps/',
        pathNot: [
          '^apps/standalone/src/embedded\\.resources\\.ts$',
          '^apps/(collector|aggregator|api)/src/app\\.module\\.ts$',
          '^apps/migrate/src/migrate\\.command\\.ts$',
          '^apps/reconcile/src/reconcile\\.command\\.ts$',
          '\\.spec\\.ts$',
        ],
      },
      to: { path: '^libs/adapters/' },
    },
    {
      name: 'features-enter-each-other-nowhere',
      severity: 'error',
      from: { path: '^apps/(collector|aggregator|api)/' },
      to: { path: '^apps/(?!$1/)' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { path: '^(apps|libs|web)/', pathNot: ['\\.spec\\.ts$', '^libs/.*/testing/'] },
      to: { path: ['^tests/', '^libs/.*/testing/'] },
    },
    {
      name: 'the-recount-is-independent',
      comment: 'The recount and the harness are written from the contract alone.',
      severity: 'error',
      from: { path: '^tests/support/' },
      to: { path: '^(apps|libs|web)/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      severity: 'error',
      from: { path: '^(apps|tests)/', pathNot: '^tests/contract/' },
      to: { path: '^libs/.+', pathNot: '^libs/(adapters/)?[^/]+/(src|testing)/index\\.ts$' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphans-resolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['truycap-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
