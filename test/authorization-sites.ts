import type { Role } from '#capabilities/people/contract.ts'
import { newId } from '#test/harness/city.ts'
import type { Line } from './authorization-line.ts'

const LOOKS_AFTER: Role[] = ['neighbourhood_worker', 'handler', 'supervisor']
const READS: Role[] = ['neighbourhood_worker', 'epidemiologist', 'supervisor', 'commander', 'handler']
/** Ten in the morning of the day after tomorrow: later than now however long the tests take. */
const soon = () => new Date(Math.ceil(Date.now() / 86_400_000 + 1) * 86_400_000 + 2 * 3_600_000).toISOString()

/** Sampling sites, their lines and times: a part of the matrix. */
export const SITES: Record<string, Line> = {
  'sites.find': { who: 'everybody', ask: () => ({ path: '/api/sites' }) },
  'sites.geojson': { who: 'everybody', ask: () => ({ path: '/api/open/sites.geojson' }) },
  'sites.get': { who: 'everybody', ask: ({ site }) => ({ path: `/api/sites/${site}` }) },
  'sites.put': {
    who: LOOKS_AFTER,
    ask: ({ site, place }) => ({
      path: `/api/sites/${site}`,
      body: {
        version: 1,
        reason: '测试',
        facts: {
          name: '模拟采样点',
          placeCode: `${place}000`.slice(0, 6),
          address: '模拟路1号',
          lng: 121.5,
          lat: 31.2,
          kind: 'fixed',
          setting: null,
          pooling: 'pooled',
          desks: 3,
          hours: null,
          ended: false,
        },
      },
    }),
  },
  'sites.changes': { who: LOOKS_AFTER, ask: ({ site }) => ({ path: `/api/sites/${site}/changes` }) },
  'sites.queue': {
    who: 'signed-in',
    ask: ({ site }) => ({ path: `/api/sites/${site}/queue`, body: { id: newId(), people: 12 } }),
  },
  'slots.plan': {
    who: LOOKS_AFTER,
    ask: ({ site, compound }) => ({
      path: `/api/sites/${site}/slots`,
      body: {
        planId: newId(),
        placeCode: compound,
        from: soon(),
        buildings: [{ building: '1号楼', people: 20 }],
      },
    }),
  },
  'slots.list': {
    who: LOOKS_AFTER,
    ask: ({ site }) => ({ path: `/api/sites/${site}/slots?day=2022-06-08` }),
  },
  'slots.drop': { who: LOOKS_AFTER, ask: ({ plan }) => ({ path: `/api/slots/${plan}` }) },
  'circle.get': { who: READS, ask: ({ place }) => ({ path: `/api/circle?place=${place}` }) },
  'circle.suggest': {
    who: LOOKS_AFTER,
    ask: ({ place }) => ({
      path: '/api/circle/runs',
      body: { id: newId(), placeCode: place, openings: 0, teams: 0 },
    }),
  },
  'circle.runs': { who: READS, ask: ({ place }) => ({ path: `/api/circle/runs?place=${place}` }) },
  'circle.run': { who: READS, ask: ({ site }) => ({ path: `/api/circle/runs/${site}` }) },
  'circle.decide': {
    who: LOOKS_AFTER,
    ask: ({ site }) => ({ path: `/api/circle/suggestions/${site}`, body: { decision: 'dismiss' } }),
  },
  'slots.mine': { who: 'residents', elsewhere: false, ask: () => ({ path: '/api/my/slots' }) },
}
