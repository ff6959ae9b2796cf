// The house from the ground up. An arrow goes down, never up and never sideways; what must go up is an event.
const FLOORS = [
  ['places'],
  ['people'],
  ['policy'],
  ['orders'],
  ['sites'],
  ['appeals', 'requests', 'screening', 'venues', 'sensing', 'supply', 'care'],
  ['tracing'],
  ['zones', 'transfer'],
  ['codes'],
  ['passes', 'command'],
  ['reopening'],
]

// The canary repeats the layout of the house under test/canary and breaks every rule once.
const HOUSE = '^(?:test/canary/)?'
const TESTS = '\\.test\\.tsx?$'
// contract.ts, and <topic>.contract.ts where one capability has several.
const CONTRACT = '[\\w.-]*contract\\.ts$'
const group = (names) => `(?:${names.join('|')})`

const upwards = FLOORS.map((floor, level) => {
  const above = FLOORS.slice(level + 1).flat()
  const forbidden = [
    ...above.map((name) => `${HOUSE}src/capabilities/${name}/`),
    `${HOUSE}src/(?:loop|main)\\.ts$`,
    `${HOUSE}src/(?:cli|simulator)/`,
  ]
  return {
    name: `down-only-from-${floor[0]}`,
    comment: 'A capability knows only the floors below it; loop.ts tells those above.',
    severity: 'error',
    from: { path: `${HOUSE}src/capabilities/${group(floor)}/`, pathNot: TESTS },
    to: { path: forbidden },
  }
})

const sideways = FLOORS.filter((floor) => floor.length > 1).flatMap((floor) =>
  floor.map((name) => ({
    name: `not-sideways-from-${name}`,
    comment: 'Neighbours on one floor do not know each other.',
    severity: 'error',
    from: { path: `${HOUSE}src/capabilities/${name}/`, pathNot: TESTS },
    to: { path: `${HOUSE}src/capabilities/${group(floor.filter((other) => other !== name))}/` },
  })),
)

module.exports = {
  forbidden: [
    ...upwards,
    ...sideways,
    {
      name: 'kernel-knows-no-domain',
      severity: 'error',
      from: { path: `${HOUSE}src/kernel/`, pathNot: TESTS },
      to: { path: `${HOUSE}(?:src/(?!kernel/)|web/|bench/|scripts/)` },
    },
    {
      name: 'through-the-front-door',
      comment:
        'Another capability is entered through its index.ts, or its contract.ts for shapes and events.',
      severity: 'error',
      from: { path: `${HOUSE}src/capabilities/([^/]+)/`, pathNot: [TESTS, CONTRACT] },
      to: {
        path: `${HOUSE}src/capabilities/`,
        pathNot: [
          `${HOUSE}src/capabilities/$1/`,
          `${HOUSE}src/capabilities/[^/]+/(?:index|contract)\\.ts$`,
          '\\.contract\\.ts$',
        ],
      },
    },
    {
      name: 'contracts-are-portable',
      comment: 'A contract runs in the browser too: Zod and contracts, nothing else.',
      severity: 'error',
      from: { path: `${HOUSE}src/(?:capabilities/[^/]+|kernel)/${CONTRACT}` },
      to: { pathNot: [`${HOUSE}src/(?:capabilities/[^/]+|kernel)/${CONTRACT}`, '(?:^|/)node_modules/zod/'] },
    },
    {
      name: 'rules-are-pure',
      comment: 'A decision has no clock, no database and no network inside.',
      severity: 'error',
      from: { path: `${HOUSE}src/capabilities/[^/]+/rules\\.ts$` },
      to: {
        path: [
          `${HOUSE}src/kernel/(?:db|clock|http|jobs|config|events|live|log)\\.ts$`,
          `${HOUSE}src/capabilities/[^/]+/(?:store|actions|routes|jobs)\\.ts$`,
          '^(?:node:)?(?:fs|net|http|https|child_process)(?:/|$)',
          '(?:^|/)node_modules/(?:pg|kysely|fastify|graphile-worker)/',
        ],
      },
    },
    {
      name: 'pages-know-contracts-only',
      severity: 'error',
      from: { path: `${HOUSE}web/`, pathNot: TESTS },
      to: {
        path: `${HOUSE}(?:src|bench|scripts|test/(?!canary))`,
        pathNot: `${HOUSE}src/(?:capabilities/[^/]+|kernel)/${CONTRACT}`,
      },
    },
    {
      name: 'pages-keep-apart',
      severity: 'error',
      from: { path: `${HOUSE}web/([^/]+)/`, pathNot: TESTS },
      to: { path: `${HOUSE}web/[^/]+/`, pathNot: [`${HOUSE}web/$1/`, `${HOUSE}web/shared/`] },
    },
    {
      name: 'phone-pages-stay-small',
      comment:
        'Resident and field pages, and what all pages share, carry no component, router or query library.',
      severity: 'error',
      from: { path: `${HOUSE}web/(?:resident|field|shared)/` },
      to: { path: '(?:^|/)node_modules/(?:antd|@ant-design|@tanstack)/' },
    },
    {
      name: 'outside-means-public-api',
      comment: 'The simulated city, the journeys and the benches see what anybody sees: contracts and HTTP.',
      severity: 'error',
      from: { path: `${HOUSE}(?:src/simulator|bench|test/journeys)/`, pathNot: TESTS },
      to: { path: `${HOUSE}src/(?:kernel|capabilities|cli)/`, pathNot: CONTRACT },
    },
    {
      name: 'product-does-not-know-its-tests',
      severity: 'error',
      from: { path: `${HOUSE}(?:src|web|scripts)/`, pathNot: TESTS },
      to: { path: [TESTS, '^test/(?!canary)'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?(?:url|raw|worker)$' },
    },
  ],
  options: {
    // TypeScript 7 has no compiler interface that this tool can call; swc reads the same syntax.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|var)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
