import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { readAuditSearch } from './audit/audit-search.ts'
import { readCodesSearch } from './people/codes-search.ts'
import { readPeopleSearch } from './people/people-search.ts'
import { readPolicySearch } from './policy/policy-search.ts'
import { readQueueSearch } from './orders/queue-search.ts'
import { readStatisticsSearch } from './orders/statistics-search.ts'
import { readBacklogSearch } from './screening/backlog-search.ts'
import { readLabsSearch } from './screening/labs-search.ts'
import { readRoundsSearch } from './screening/rounds-search.ts'
import { readCircleSearch } from './sites/circle-search.ts'
import { readSitesSearch } from './sites/sites-search.ts'
import { Shell } from './shell/Shell.tsx'
import { NotFound } from './shell/Say.tsx'
import { parseSearch, stringifySearch, textOf } from './shell/address.ts'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const queue = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readQueueSearch,
  component: lazyRouteComponent(() => import('./orders/QueuePage.tsx'), 'QueuePage'),
})
const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$id',
  component: lazyRouteComponent(() => import('./orders/OrderPage.tsx'), 'OrderPage'),
})
const supervision = createRoute({
  getParentRoute: () => root,
  path: '/supervision',
  component: lazyRouteComponent(() => import('./orders/SupervisionPage.tsx'), 'SupervisionPage'),
})
const arbitration = createRoute({
  getParentRoute: () => root,
  path: '/arbitration',
  component: lazyRouteComponent(() => import('./orders/ArbitrationPage.tsx'), 'ArbitrationPage'),
})
const processes = createRoute({
  getParentRoute: () => root,
  path: '/processes',
  component: lazyRouteComponent(() => import('./orders/ProcessesPage.tsx'), 'ProcessesPage'),
})
const notices = createRoute({
  getParentRoute: () => root,
  path: '/notices',
  component: lazyRouteComponent(() => import('./orders/NoticesPage.tsx'), 'NoticesPage'),
})
const intake = createRoute({
  getParentRoute: () => root,
  path: '/intake',
  component: lazyRouteComponent(() => import('./requests/IntakePage.tsx'), 'IntakePage'),
})
const statistics = createRoute({
  getParentRoute: () => root,
  path: '/statistics',
  validateSearch: readStatisticsSearch,
  component: lazyRouteComponent(() => import('./orders/StatisticsPage.tsx'), 'StatisticsPage'),
})
const sites = createRoute({
  getParentRoute: () => root,
  path: '/sites',
  validateSearch: readSitesSearch,
  component: lazyRouteComponent(() => import('./sites/SitesPage.tsx'), 'SitesPage'),
})
const circle = createRoute({
  getParentRoute: () => root,
  path: '/circle',
  validateSearch: readCircleSearch,
  component: lazyRouteComponent(() => import('./sites/CirclePage.tsx'), 'CirclePage'),
})
const newSite = createRoute({
  getParentRoute: () => root,
  path: '/sites/new',
  component: lazyRouteComponent(() => import('./sites/SitePage.tsx'), 'NewSitePage'),
})
const site = createRoute({
  getParentRoute: () => root,
  path: '/sites/$id',
  component: lazyRouteComponent(() => import('./sites/SitePage.tsx'), 'SitePage'),
})
const labs = createRoute({
  getParentRoute: () => root,
  path: '/labs',
  validateSearch: readLabsSearch,
  component: lazyRouteComponent(() => import('./screening/LabsPage.tsx'), 'LabsPage'),
})
const tubes = createRoute({
  getParentRoute: () => root,
  path: '/tubes',
  component: lazyRouteComponent(() => import('./screening/TubePage.tsx'), 'TubePage'),
})
const tube = createRoute({
  getParentRoute: () => root,
  path: '/tubes/$code',
  component: lazyRouteComponent(() => import('./screening/TubePage.tsx'), 'TubePage'),
})

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import('./people/PeoplePage.tsx'), 'PeoplePage'),
})
const peopleImport = createRoute({
  getParentRoute: () => root,
  path: '/people/import',
  component: lazyRouteComponent(() => import('./people/ImportPage.tsx'), 'ImportPage'),
})
const duplicates = createRoute({
  getParentRoute: () => root,
  path: '/people/duplicates',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import('./people/DuplicatesPage.tsx'), 'DuplicatesPage'),
})
const paperCodes = createRoute({
  getParentRoute: () => root,
  path: '/people/codes',
  validateSearch: readCodesSearch,
  component: lazyRouteComponent(() => import('./people/PaperCodesPage.tsx'), 'PaperCodesPage'),
})
const accounts = createRoute({
  getParentRoute: () => root,
  path: '/accounts',
  component: lazyRouteComponent(() => import('./accounts/AccountsPage.tsx'), 'AccountsPage'),
})
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./audit/AuditPage.tsx'), 'AuditPage'),
})
const glass = createRoute({
  getParentRoute: () => root,
  path: '/glass',
  component: lazyRouteComponent(() => import('./people/GlassPage.tsx'), 'GlassPage'),
})
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/AccountPage.tsx'), 'AccountPage'),
})
const rounds = createRoute({
  getParentRoute: () => root,
  path: '/rounds',
  validateSearch: readRoundsSearch,
  component: lazyRouteComponent(() => import('./screening/RoundsPage.tsx'), 'RoundsPage'),
})
const backlog = createRoute({
  getParentRoute: () => root,
  path: '/backlog',
  validateSearch: readBacklogSearch,
  component: lazyRouteComponent(() => import('./screening/BacklogPage.tsx'), 'BacklogPage'),
})
const policy = createRoute({
  getParentRoute: () => root,
  path: '/policy',
  validateSearch: readPolicySearch,
  component: lazyRouteComponent(() => import('./policy/PolicyPage.tsx'), 'PolicyPage'),
})
const appeals = createRoute({
  getParentRoute: () => root,
  path: '/appeals',
  validateSearch: (search: Record<string, unknown>): { id?: string; answered?: 'yes' } => {
    const id = textOf(search, 'id', /^[0-9a-f-]{36}$/)
    return { ...(id && { id }), ...(search.answered === 'yes' && { answered: 'yes' }) }
  },
  component: lazyRouteComponent(() => import('./appeals/AppealsPage.tsx'), 'AppealsPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    rounds,
    backlog,
    queue,
    order,
    supervision,
    arbitration,
    processes,
    notices,
    intake,
    statistics,
    sites,
    circle,
    newSite,
    site,
    labs,
    tubes,
    tube,
    people,
    peopleImport,
    duplicates,
    paperCodes,
    accounts,
    audit,
    glass,
    account,
    policy,
    appeals,
  ]),
  basepath: '/console',
  parseSearch,
  stringifySearch,
  defaultPendingMs: 300,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
