import type { Role } from '#capabilities/people/contract.ts'
import { newId } from '#test/harness/city.ts'
import type { Ids, Line } from './authorization-line.ts'
import { SCREENING } from './authorization-screening.ts'
import { SITES } from './authorization-sites.ts'

const READS_ORDERS: Role[] = [
  'neighbourhood_worker',
  'epidemiologist',
  'transfer_coordinator',
  'agent',
  'handler',
  'supervisor',
  'commander',
]
const READS_REQUESTS: Role[] = ['neighbourhood_worker', 'agent', 'handler', 'supervisor']
const DELEGATES: Role[] = ['agent', 'handler']
const TAKES_DOWN: Role[] = ['neighbourhood_worker', 'agent']
const SEES_WALL: Role[] = ['agent', 'supervisor', 'commander', 'administrator']
const SEES_FIGURES: Role[] = ['agent', 'handler', 'supervisor', 'commander', 'administrator']

const SEES_PEOPLE: Role[] = ['neighbourhood_worker', 'epidemiologist', 'supervisor']
const REVEALS: Role[] = ['neighbourhood_worker', 'epidemiologist', 'agent', 'handler']
const MERGES: Role[] = ['epidemiologist', 'supervisor']
const IMPORTS: Role[] = ['neighbourhood_worker', 'supervisor']
const BREAKS_GLASS: Role[] = [
  'neighbourhood_worker',
  'epidemiologist',
  'transfer_coordinator',
  'handler',
  'supervisor',
]
const ENACTS: Role[] = ['supervisor', 'commander']
const SEES_DECISIONS: Role[] = ['epidemiologist', 'supervisor', 'commander']
const ADMIN: Role[] = ['administrator']

const account = (path: string, body: unknown = {}): Line => ({
  who: ADMIN,
  ask: ({ account: id }) => ({ path: `/api/accounts/${id}/${path}`, body }),
})
const enactment = (path: string, body: (ids: Ids) => unknown = () => ({})): Line => ({
  who: ENACTS,
  ask: (ids) => ({ path: `/api/policies/enactments/${ids.enactment}/${path}`, body: body(ids) }),
})
/** A district's overlay as its author writes it. */
export const overlayOf = (place: string, version = '1.0.0'): string =>
  JSON.stringify({
    id: `overlay-${place}`,
    version,
    title: { zh: '测试区级规定', en: 'Overlay of a test' },
    inForceFrom: '2022-06-08T00:00:00+08:00',
    over: 'shanghai-2022-06-07',
    place,
    until: '2099-01-01T00:00:00+08:00',
    reason: { zh: '测试', en: 'test' },
    parameters: [{ id: 'gate.pcrHours', value: 24, clause: '区 1.1' }],
  })
const mine = (path: string, body?: unknown): Line => ({
  who: 'staff',
  elsewhere: false,
  ask: () => ({ path: `/api/account${path}`, body }),
})

const anImport = (path: string, body?: unknown): Line => ({
  who: IMPORTS,
  elsewhere: false,
  ask: () => ({ path: `/api/people/imports/${newId()}${path}`, body }),
})

const get = (path: string) => () => ({ path })

/** Who may use each route of the house. Written by hand from the roles' work, not from the code. */
export const MATRIX: Record<string, Line> = {
  'people.me': { who: 'everybody', ask: get('/api/me') },
  'people.signIn': {
    who: 'everybody',
    refusesByItself: true,
    ask: () => ({ path: '/api/session', body: { username: 'nobody', password: 'wrong' } }),
  },
  'people.signOut': { who: 'signed-in', elsewhere: false, ask: get('/api/session') },
  'people.sendCode': {
    who: 'everybody',
    ask: () => ({
      path: '/api/session/code',
      body: { phone: `1990${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}` },
    }),
  },
  'people.signInByCode': {
    who: 'everybody',
    refusesByItself: true,
    ask: () => ({ path: '/api/session/verify', body: { phone: '19900000099', code: '000000' } }),
  },
  'people.demoAccounts': { who: 'everybody', ask: get('/api/demo') },
  'people.signInDemo': {
    who: 'everybody',
    refusesByItself: true,
    ask: () => ({ path: '/api/session/demo', body: { username: 'nobody' } }),
  },

  'people.signInOptions': { who: 'everybody', ask: get('/api/sign-in-options') },
  'people.signInSecond': {
    who: 'everybody',
    refusesByItself: true,
    ask: () => ({ path: '/api/session/second', body: { code: '000000' } }),
  },
  'people.startOidc': { who: 'everybody', ask: get('/api/oidc/start') },
  'people.finishOidc': { who: 'everybody', ask: get('/api/oidc/callback') },

  'people.list': { who: SEES_PEOPLE, ask: ({ place }) => ({ path: `/api/people?place=${place}` }) },
  'people.find': {
    who: SEES_PEOPLE,
    elsewhere: false,
    ask: () => ({ path: '/api/people/find', body: { phone: '19900000010' } }),
  },
  'people.get': { who: SEES_PEOPLE, ask: ({ person }) => ({ path: `/api/people/${person}` }) },
  'people.reveal': {
    who: REVEALS,
    ask: ({ person }) => ({
      path: `/api/people/${person}/reveal`,
      body: { id: newId(), purpose: 'call_back' },
    }),
  },
  'people.needs': {
    who: ['neighbourhood_worker'],
    ask: ({ person }) => ({ path: `/api/people/${person}/needs`, body: { needs: ['night_shift'] } }),
  },
  // Whose import it is stands in people/import.test.ts: another place's cannot be told from none.
  'people.import': {
    who: IMPORTS,
    ask: ({ place }) => ({
      path: `/api/people/imports/${newId()}?file=a.csv&place=${place}`,
      body: '姓名,区划代码\n',
      type: 'text/csv',
    }),
  },
  'people.imports': { who: IMPORTS, elsewhere: false, ask: get('/api/people/imports') },
  'people.getImport': anImport(''),
  'people.importLines': anImport('/lines'),
  'people.acceptImport': anImport('/accept', {}),
  'people.dropImport': anImport('/drop', {}),
  // In full is for fewer: people/export.test.ts.
  'people.export': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor'],
    ask: ({ place }) => ({ path: '/api/people/export', body: { id: newId(), place, format: 'csv' } }),
  },
  'people.duplicates': {
    who: MERGES,
    ask: ({ place }) => ({ path: `/api/people/duplicates?place=${place}` }),
  },
  'people.dismissDuplicate': {
    who: MERGES,
    elsewhere: false,
    ask: () => ({ path: `/api/people/duplicates/${newId()}/different`, body: {} }),
  },
  'people.merge': {
    who: MERGES,
    ask: ({ person }) => ({
      path: '/api/people/merges',
      body: { id: newId(), keeperId: person, duplicateId: newId(), reason: '同一人两次登记' },
    }),
  },
  'people.merges': { who: MERGES, ask: ({ place }) => ({ path: `/api/people/merges?place=${place}` }) },
  'people.undoMerge': {
    who: MERGES,
    elsewhere: false,
    ask: () => ({ path: `/api/people/merges/${newId()}/undo`, body: { reason: '不是同一人' } }),
  },
  'people.myRecord': { who: 'residents', elsewhere: false, ask: get('/api/my/record') },
  'people.myLooks': { who: 'residents', elsewhere: false, ask: get('/api/my/looks') },
  'people.verifyAudit': { who: ['auditor'], elsewhere: false, ask: get('/api/audit/verify') },
  'people.audit': { who: ['auditor'], ask: ({ request }) => ({ path: `/api/audit?subject=${request}` }) },
  // Whose own place it is needs no glass broken; beyond it is what the glass is for.
  'people.breakGlass': {
    who: BREAKS_GLASS,
    elsewhere: false,
    ask: () => ({
      path: '/api/glass',
      body: { id: newId(), place: '310104', reason: '邻区老人转院需要联系家属' },
    }),
  },
  'people.glass': { who: ['supervisor'], elsewhere: false, ask: get('/api/glass') },

  'people.myAccount': mine(''),
  'people.changePassword': mine('/password', { old: 'wrong', new: 'long-enough-for-a-test' }),
  'people.setUpSecondFactor': mine('/second-factor', {}),
  'people.confirmSecondFactor': mine('/second-factor/confirm', { code: '000000' }),
  'people.renewRecoveryCodes': mine('/second-factor/recovery-codes', { code: '000000' }),
  'people.disableSecondFactor': mine('/second-factor/disable', { code: '000000' }),
  // Residents too see and end their own.
  'people.mySessions': { ...mine('/sessions'), who: 'signed-in' },
  'people.revokeMySession': {
    who: 'signed-in',
    elsewhere: false,
    ask: () => ({ path: `/api/account/sessions/${newId()}` }),
  },
  'people.revokeMyOtherSessions': { ...mine('/sessions/revoke-others', {}), who: 'signed-in' },

  'people.accounts': { who: ADMIN, elsewhere: false, ask: get('/api/accounts') },
  'people.createAccount': {
    who: ADMIN,
    ask: ({ place }) => ({
      path: '/api/accounts',
      body: {
        id: newId(),
        username: `test.${newId().slice(0, 8)}`,
        name: '模拟新账号',
        placeCode: place,
        grants: [],
      },
    }),
  },
  'people.addGrant': {
    who: ADMIN,
    ask: ({ account: id, place }) => ({
      path: `/api/accounts/${id}/grants`,
      body: { role: 'gate', placeCode: place, from: '2026-01-01T00:00:00Z' },
    }),
  },
  'people.endGrant': account('grants/end', { grantId: newId() }),
  'people.disableAccount': account('disable'),
  'people.enableAccount': account('enable'),
  'people.resetPassword': account('password'),
  'people.resetSecondFactor': account('second-factor/reset'),
  'people.setOidc': account('oidc', { allowed: false }),
  'people.accountSessions': {
    who: ADMIN,
    ask: ({ account: id }) => ({ path: `/api/accounts/${id}/sessions` }),
  },
  'people.revokeAccountSession': account('sessions/revoke'),

  'places.search': { who: 'everybody', ask: get('/api/places?q=huamu') },
  'places.get': { who: 'everybody', ask: ({ place }) => ({ path: `/api/places/${place}` }) },
  'places.understand': {
    who: 'everybody',
    ask: () => ({ path: '/api/places/understand', body: { text: '花木街道' } }),
  },
  'places.nearest': { who: 'everybody', ask: get('/api/places/nearest?lng=121.5&lat=31.2') },
  'places.outlines': { who: 'everybody', ask: get('/api/outlines') },

  'policy.get': { who: 'everybody', ask: get('/api/policy') },
  ...SCREENING,
  ...SITES,
  'policy.enactments': { who: 'everybody', ask: get('/api/policies') },
  'policy.inForce': { who: 'everybody', ask: get('/api/policies/in-force') },
  'policy.version': { who: 'everybody', ask: get('/api/policies/shanghai-2022-06-07') },
  'policy.diff': {
    who: 'everybody',
    ask: get('/api/policies/diff?from=shanghai-2022-04-22&to=shanghai-2022-06-07'),
  },
  'policy.evaluate': {
    who: 'signed-in',
    elsewhere: false,
    ask: () => ({ path: '/api/policies/evaluate', body: { rule: 'gate.code', payload: { code: 'green' } } }),
  },
  'policy.check': {
    who: ENACTS,
    elsewhere: false,
    ask: ({ place }) => ({ path: '/api/policies/check', body: { text: overlayOf(place), previewLast: 1 } }),
  },
  'policy.propose': {
    who: ENACTS,
    ask: ({ place }) => ({
      path: '/api/policies',
      body: { id: newId(), text: overlayOf(place), reason: '测试提议' },
    }),
  },
  'policy.sign': enactment('sign', ({ hash }) => ({ hash })),
  'policy.withdraw': enactment('withdraw'),
  'policy.retract': enactment('retract', () => ({ reason: '测试撤回' })),
  'policy.signRetraction': enactment('retract/sign'),
  'decisions.list': {
    who: SEES_DECISIONS,
    ask: ({ request }) => ({ path: `/api/decisions?subject=${request}` }),
  },
  'decisions.recompute': {
    who: SEES_DECISIONS,
    ask: ({ decision }) => ({ path: `/api/decisions/${decision}/recompute`, body: {} }),
  },
  'decisions.mine': { who: 'residents', elsewhere: false, ask: get('/api/my/decisions') },
  'appeals.file': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ decision }) => ({
      path: '/api/my/appeals',
      body: { id: newId(), decisionId: decision, text: '不同意' },
    }),
  },
  'appeals.mine': { who: 'residents', elsewhere: false, ask: get('/api/my/appeals') },
  'appeals.list': { who: ['supervisor'], ask: ({ place }) => ({ path: `/api/appeals?place=${place}` }) },
  'appeals.get': { who: ['supervisor'], ask: ({ appeal }) => ({ path: `/api/appeals/${appeal}` }) },
  'appeals.answer': {
    who: ['supervisor'],
    ask: ({ appeal }) => ({
      path: `/api/appeals/${appeal}/answer`,
      body: { id: newId(), answer: 'confirmed', reasons: '经复核，依据充分' },
    }),
  },
  'policy.elements': { who: 'everybody', ask: get('/api/elements') },
  'policy.answers': { who: 'everybody', ask: get('/api/answers') },

  'orders.list': { who: READS_ORDERS, ask: ({ place }) => ({ path: `/api/orders?view=all&place=${place}` }) },
  'orders.get': { who: READS_ORDERS, ask: ({ order }) => ({ path: `/api/orders/${order}` }) },
  'orders.act': {
    who: READS_ORDERS,
    ask: ({ order }) => ({
      path: `/api/orders/${order}/actions`,
      body: { id: newId(), action: 'note', note: '核对' },
    }),
  },
  // In bulk each order answers for itself; elsewhere is held by journeys ("nobody sees or touches what is not theirs").
  'orders.bulk': {
    who: READS_ORDERS,
    elsewhere: false,
    ask: ({ order }) => ({
      path: '/api/orders/bulk',
      body: { id: newId(), orderIds: [order], input: { action: 'note', note: '核对' } },
    }),
  },
  'orders.undoBulk': {
    who: READS_ORDERS,
    elsewhere: false,
    ask: () => ({ path: `/api/orders/bulk/${newId()}/undo`, body: { id: newId() } }),
  },
  'orders.processes': { who: READS_ORDERS, elsewhere: false, ask: get('/api/processes') },
  'orders.parts': { who: READS_ORDERS, ask: ({ order }) => ({ path: `/api/orders/${order}/parts` }) },
  'orders.addPart': {
    who: DELEGATES,
    ask: ({ order }) => ({
      path: `/api/orders/${order}/parts`,
      body: { id: newId(), unitId: 'street.310115', task: '协助核对', minutes: 60 },
    }),
  },
  'orders.actOnPart': {
    who: READS_ORDERS,
    ask: ({ order }) => ({
      path: `/api/orders/${order}/parts/${newId()}`,
      body: { id: newId(), action: 'sign' },
    }),
  },
  'orders.startProcess': {
    who: DELEGATES,
    ask: ({ order }) => ({ path: `/api/orders/${order}/process`, body: { id: newId() } }),
  },
  'orders.kpi': { who: SEES_FIGURES, ask: ({ place }) => ({ path: `/api/kpi?place=${place}` }) },
  'orders.board': {
    who: ['supervisor', 'commander'],
    ask: ({ place }) => ({ path: `/api/supervision?place=${place}` }),
  },
  'orders.export': {
    who: ['agent', 'handler', 'supervisor', 'commander'],
    elsewhere: false,
    ask: ({ place }) => ({ path: `/api/orders/export?place=${place}` }),
  },
  'orders.notices': { who: READS_ORDERS, elsewhere: false, ask: get('/api/notices') },
  'orders.seeNotices': {
    who: READS_ORDERS,
    elsewhere: false,
    ask: () => ({ path: '/api/notices/seen', body: { upTo: '2026-01-01T00:00:00Z' } }),
  },
  'orders.watchers': { who: READS_ORDERS, ask: ({ order }) => ({ path: `/api/orders/${order}/watchers` }) },
  'orders.watch': {
    who: READS_ORDERS,
    ask: ({ order }) => ({ path: `/api/orders/${order}/watch`, body: { watching: true } }),
  },
  'orders.templates': { who: READS_ORDERS, elsewhere: false, ask: get('/api/templates?action=resolve') },
  'orders.attachments': {
    who: READS_ORDERS,
    ask: ({ order }) => ({ path: `/api/orders/${order}/attachments` }),
  },
  // Sent as JSON it is refused for its type by those who may, after who they are has been looked at.
  'orders.attach': {
    who: READS_ORDERS,
    elsewhere: false,
    ask: ({ order }) => ({ path: `/api/orders/${order}/attachments?id=${newId()}&name=a.png` }),
  },
  'orders.attachment': {
    who: READS_ORDERS,
    ask: ({ order }) => ({ path: `/api/orders/${order}/attachments/${newId()}` }),
  },
  'orders.detach': {
    who: READS_ORDERS,
    ask: ({ order }) => ({ path: `/api/orders/${order}/attachments/${newId()}` }),
  },
  'orders.statistics': {
    who: SEES_FIGURES,
    ask: ({ place }) => ({ path: `/api/statistics?place=${place}` }),
  },
  'orders.units': { who: READS_ORDERS, elsewhere: false, ask: get('/api/units') },

  'requests.understand': {
    who: 'everybody',
    ask: () => ({ path: '/api/requests/understand', body: { text: '停水了' } }),
  },
  'requests.sendMine': {
    who: 'residents',
    elsewhere: false,
    ask: () => ({ path: '/api/my/requests', body: { id: newId(), text: '停水了' } }),
  },
  'requests.listMine': { who: 'residents', elsewhere: false, ask: get('/api/my/requests') },
  'requests.getMine': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ request }) => ({ path: `/api/my/requests/${request}` }),
  },
  'requests.rateMine': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ request }) => ({
      path: `/api/my/requests/${request}/rating`,
      body: { id: newId(), solved: true, score: 5 },
    }),
  },
  'requests.supplyMine': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ request }) => ({
      path: `/api/my/requests/${request}/answer`,
      body: { id: newId(), note: '在2号楼' },
    }),
  },
  'requests.reopenMine': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ request }) => ({
      path: `/api/my/requests/${request}/reopen`,
      body: { id: newId(), note: '没有解决' },
    }),
  },
  'requests.receive': {
    who: TAKES_DOWN,
    ask: ({ place }) => ({
      path: '/api/requests',
      body: { id: newId(), text: '停水一天了', corrections: { placeCode: place } },
    }),
  },
  'requests.similar': {
    who: TAKES_DOWN,
    ask: ({ place }) => ({ path: `/api/requests/similar?place=${place}` }),
  },
  'requests.get': { who: READS_REQUESTS, ask: ({ request }) => ({ path: `/api/requests/${request}` }) },
  'requests.call': {
    who: ['agent'],
    ask: ({ place }) => ({
      path: '/api/calls',
      body: { id: newId(), line: '12345', answered: true, placeCode: place },
    }),
  },

  'care.hospitals': { who: 'everybody', ask: get('/api/hospitals') },

  'command.clock': { who: 'everybody', ask: get('/api/clock') },
  'command.wall': { who: SEES_WALL, ask: ({ place }) => ({ path: `/api/wall?place=${place}` }) },
  'command.history': { who: SEES_WALL, elsewhere: false, ask: get('/api/history') },
  'command.historyDay': { who: SEES_WALL, elsewhere: false, ask: get('/api/history/2022-03-28') },
}
