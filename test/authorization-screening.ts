import type { Role } from '#capabilities/people/contract.ts'
import { newId } from '#test/harness/city.ts'
import type { Line } from './authorization-line.ts'

const SAMPLES: Role[] = ['sampler']
const COMPOUNDS: Record<string, string> = { '310115': '310115016001001', '310101': '310101002001001' }
const SEES_PEOPLE: Role[] = ['neighbourhood_worker', 'epidemiologist', 'supervisor']

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)

const get = (path: string) => () => ({ path })

/** Sampling, tubes, results, rounds and cards: a part of the matrix. */
export const SCREENING: Record<string, Line> = {
  'sampling.open': {
    who: SAMPLES,
    ask: ({ place }) => ({
      path: '/api/sampling/sessions',
      body: { id: newId(), placeCode: COMPOUNDS[place], address: '模拟' },
    }),
  },
  'sampling.session': {
    who: SAMPLES,
    ask: ({ session }) => ({ path: `/api/sampling/sessions/${session}` }),
  },
  'sampling.close': {
    who: SAMPLES,
    ask: ({ session }) => ({ path: `/api/sampling/sessions/${session}/close`, body: {} }),
  },
  'sampling.identify': {
    who: SAMPLES,
    ask: ({ session }) => ({
      path: '/api/sampling/people',
      body: { sessionId: session, member: { phone: '19900000010' } },
    }),
  },
  'sampling.myCode': { who: 'residents', elsewhere: false, ask: get('/api/my/code') },
  'sampling.codes': {
    who: ['neighbourhood_worker'],
    ask: ({ place }) => ({ path: '/api/sampling/codes', body: { placeCode: place, limit: 1 } }),
  },
  'tubes.seal': {
    who: SAMPLES,
    ask: ({ session }) => ({
      path: '/api/tubes',
      body: {
        sessionId: session,
        tubes: [
          {
            id: newId(),
            code: 'T000000000010',
            kind: 1,
            members: [{ phone: '19900000010' }],
            sealedAt: new Date().toISOString(),
          },
        ],
      },
    }),
  },
  'tubes.get': {
    who: ['sampler', 'neighbourhood_worker', 'epidemiologist', 'supervisor'],
    ask: ({ tube }) => ({ path: `/api/tubes/${tube}` }),
  },
  'claims.settle': {
    who: ['neighbourhood_worker'],
    ask: ({ tube, order }) => ({
      path: `/api/tubes/${tube}/claims/${order}/settlement`,
      body: { id: newId(), outcome: 'same_people', reason: '测试' },
    }),
  },
  'tubes.move': {
    who: ['lab'],
    ask: ({ tube }) => ({
      path: `/api/tubes/${tube}/events`,
      body: { id: newId(), kind: 'rejected', note: '测试' },
    }),
  },
  'boxes.pack': {
    who: SAMPLES,
    ask: ({ session }) => ({
      path: '/api/boxes',
      body: { id: newId(), code: 'B000000000017', sessionId: session, tubes: ['T000000000010'] },
    }),
  },
  'boxes.move': {
    who: ['sampler', 'lab'],
    ask: ({ box }) => ({
      path: `/api/boxes/${box}/events`,
      body: { id: newId(), kind: 'collected' },
    }),
  },
  'boxes.release': {
    who: ['lab'],
    ask: ({ box }) => ({
      path: `/api/boxes/${box}/release`,
      body: { id: newId(), note: '误签收' },
    }),
  },
  'results.post': {
    who: ['lab'],
    elsewhere: false,
    ask: ({ tube }) => ({
      path: '/api/results',
      body: { results: [{ id: newId(), tube, outcome: 'negative', testedAt: new Date().toISOString() }] },
    }),
  },
  'results.upload': {
    who: ['lab'],
    elsewhere: false,
    ask: ({ tube }) => ({
      path: '/api/results/file?file=x.csv&preview=true',
      body: `管码,结果,检测时间\n${tube},阴性,2022-03-28 08:00\n`,
      type: 'text/csv',
    }),
  },
  'boxes.mine': { who: ['lab'], elsewhere: false, ask: get('/api/labs/boxes') },
  'boxes.get': {
    who: ['lab'],
    elsewhere: false,
    ask: ({ box }) => ({ path: `/api/labs/boxes/${box}` }),
  },
  'labs.early': { who: ['lab'], elsewhere: false, ask: get('/api/labs/early') },
  'results.holds': { who: ['lab'], elsewhere: false, ask: get('/api/results/holds') },
  'results.propose': {
    who: ['lab'],
    elsewhere: false,
    ask: () => ({
      path: `/api/results/holds/${newId()}/propose`,
      body: { proposal: 'kept', reason: '测试' },
    }),
  },
  'results.decide': {
    who: ['lab'],
    elsewhere: false,
    ask: () => ({ path: `/api/results/holds/${newId()}/decide`, body: { proposal: 'kept' } }),
  },
  'results.mine': { who: 'residents', elsewhere: false, ask: get('/api/my/results') },
  'rounds.open': {
    who: ['supervisor', 'commander'],
    ask: ({ place }) => ({
      path: '/api/rounds',
      body: {
        id: newId(),
        placeCode: place,
        planId: 'zone.medium-risk',
        title: '测试轮次',
        startsOn: today(),
        endsOn: today(),
      },
    }),
  },
  'rounds.list': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler'],
    ask: ({ place }) => ({ path: `/api/rounds?place=${place}` }),
  },
  'rounds.end': {
    who: ['supervisor', 'commander'],
    ask: ({ round }) => ({ path: `/api/rounds/${round}/end`, body: {} }),
  },
  'screening.coverage': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler'],
    ask: ({ place }) => ({ path: `/api/screening/coverage?place=${place}` }),
  },
  'screening.backlog': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler'],
    ask: ({ place }) => ({ path: `/api/screening/backlog?place=${place}` }),
  },
  'screening.resources': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler'],
    ask: ({ place }) => ({ path: `/api/screening/resources?place=${place}` }),
  },
  'resources.declare': {
    who: ['supervisor'],
    ask: ({ place }) => ({
      path: '/api/screening/resources',
      body: { id: newId(), placeCode: place, kind: 'couriers', n: 1 },
    }),
  },
  'boxes.waiting': {
    who: ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler'],
    ask: ({ place }) => ({ path: `/api/boxes?place=${place}` }),
  },
  // Each box answers for itself: one that is elsewhere is not there.
  'boxes.redirect': {
    who: ['supervisor'],
    elsewhere: false,
    ask: ({ box }) => ({
      path: '/api/boxes/redirect',
      body: { id: newId(), boxes: [{ code: box, lab: null }] },
    }),
  },
  'labs.capacity': { who: ['lab'], elsewhere: false, ask: get('/api/labs/capacity') },
  // A laboratory its own; of a supervisor's the name is asked for.
  'labs.declare': {
    who: ['lab', 'supervisor'],
    ask: ({ place }) => ({
      path: '/api/labs/capacity',
      body: {
        id: newId(),
        name: '模拟·实验室',
        placeCode: place,
        tubesPerHour: 100,
        pools: [10],
        opens: 480,
        closes: 1200,
      },
    }),
  },
  'screening.missing': {
    who: SEES_PEOPLE,
    ask: ({ place }) => ({ path: `/api/screening/missing?place=${COMPOUNDS[place]}` }),
  },
  'screening.missing_export': {
    who: SEES_PEOPLE,
    ask: ({ place }) => ({
      path: '/api/screening/missing/export',
      body: { id: newId(), place: COMPOUNDS[place] },
    }),
  },
  'screening.groups': {
    who: SEES_PEOPLE,
    ask: ({ place }) => ({ path: `/api/screening/missing/groups?place=${COMPOUNDS[place]}` }),
  },
  // Nobody is registered at the compound: who may is told that nobody is missing.
  'screening.door': {
    who: ['neighbourhood_worker', 'supervisor'],
    ask: ({ place }) => ({
      path: '/api/screening/missing/door',
      body: { placeCode: COMPOUNDS[place], group: 'bedridden' },
    }),
  },
  // The matrix sends no picture: who may is told that one is needed, before anything is looked at.
  'antigen.mine': {
    who: 'residents',
    elsewhere: false,
    ask: () => ({
      path: `/api/my/antigen?id=${newId()}&outcome=negative&at=2022-06-08T00:00:00Z`,
      body: 'x',
      type: 'application/octet-stream',
    }),
  },
  'antigen.report': {
    who: ['neighbourhood_worker'],
    elsewhere: false,
    ask: ({ person }) => ({
      path: `/api/antigen?id=${newId()}&personId=${person}&outcome=negative&at=2022-06-08T00:00:00Z`,
      body: 'x',
      type: 'application/octet-stream',
    }),
  },
  'antigen.get': {
    who: ['neighbourhood_worker', 'epidemiologist'],
    ask: ({ antigen }) => ({ path: `/api/antigen/${antigen}` }),
  },
  'antigen.photo': {
    who: ['neighbourhood_worker', 'epidemiologist'],
    ask: ({ antigen }) => ({ path: `/api/antigen/${antigen}/photo` }),
  },
  'duty.mine': { who: 'residents', elsewhere: false, ask: get('/api/my/duty') },
  'results.card': {
    who: 'residents',
    elsewhere: false,
    ofAnother: true,
    ask: ({ tube }) => ({ path: `/api/my/results/${tube}/card` }),
  },
  'cards.jwks': { who: 'everybody', ask: get('/.well-known/jwks.json') },
  'cards.crl': { who: 'everybody', ask: get(`/.well-known/crl/${'A'.repeat(43)}.json`) },
  'fhir.post': {
    who: ['lab'],
    elsewhere: false,
    ask: () => ({
      path: '/fhir',
      body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [] }),
      type: 'application/fhir+json',
    }),
  },
  'fhir.metadata': { who: 'everybody', ask: get('/fhir/metadata') },
  'fhir.search': {
    who: ['lab', 'sampler', 'neighbourhood_worker', 'epidemiologist', 'supervisor'],
    elsewhere: false,
    ask: get('/fhir/DiagnosticReport'),
  },
  'fhir.read': {
    who: ['lab', 'sampler', 'neighbourhood_worker', 'epidemiologist', 'supervisor'],
    elsewhere: false,
    ask: ({ tube }) => ({ path: `/fhir/Observation/${tube}` }),
  },
  'recalls.get': {
    who: ['neighbourhood_worker', 'epidemiologist', 'sampler', 'supervisor', 'handler'],
    ask: ({ recall }) => ({ path: `/api/recalls/${recall}` }),
  },
  'findings.get': {
    who: ['epidemiologist'],
    ask: ({ finding }) => ({ path: `/api/findings/${finding}` }),
  },
  'findings.record': {
    who: ['epidemiologist'],
    ask: ({ finding }) => ({
      path: `/api/findings/${finding}`,
      body: { id: newId(), outcome: 'negative', note: '测试' },
    }),
  },
  'findings.tell': {
    who: ['epidemiologist'],
    ask: ({ finding }) => ({ path: `/api/findings/${finding}/told`, body: { id: newId() } }),
  },
}
