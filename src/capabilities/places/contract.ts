import { z } from 'zod'
import { Bilingual, PlaceCode, route } from '#kernel/contract.ts'

export const PlaceKind = z.enum([
  'city',
  'district',
  'subdistrict',
  'neighbourhood',
  'compound',
  'building',
  'entrance',
  'floor',
  'room',
])
export type PlaceKind = z.infer<typeof PlaceKind>

export const Place = z.object({
  code: PlaceCode,
  kind: PlaceKind,
  name: z.string(),
  /** Names from the district down, e.g. 浦东新区花木街道. */
  path: z.string(),
  parentCode: PlaceCode.nullable(),
  lng: z.number().nullable(),
  lat: z.number().nullable(),
  simulated: z.boolean(),
})
export type Place = z.infer<typeof Place>

/** A stretch of the text that was understood: offsets in UTF-16 units, `to` excluded. */
export const Word = z.object({
  from: z.int(),
  to: z.int(),
  text: z.string(),
  about: z.enum(['place', 'address', 'need', 'urgency']),
  means: z.string(),
})
export type Word = z.infer<typeof Word>

export const PlaceUnderstood = z.object({
  placeCode: PlaceCode,
  path: z.string(),
  /** 路 弄 号 室 as typed; null where the text holds none. */
  address: z.string().nullable(),
  confidence: z.number().min(0).max(1),
  alternatives: z.array(z.object({ placeCode: PlaceCode, path: z.string() })),
  words: z.array(Word),
})
export type PlaceUnderstood = z.infer<typeof PlaceUnderstood>

export const SearchPlaces = route({
  id: 'places.search',
  method: 'GET',
  path: '/api/places',
  summary: { zh: '按汉字、拼音或代码查地点', en: 'Find places by Chinese, pinyin or code while typing' },
  query: z.strictObject({
    q: z.string().max(60).default(''),
    within: PlaceCode.optional(),
    limit: z.coerce.number().int().min(1).max(50).default(10),
  }),
  response: z.object({ items: z.array(Place) }),
})

export const GetPlace = route({
  id: 'places.get',
  method: 'GET',
  path: '/api/places/:code',
  summary: { zh: '一个地点及其上级和下级', en: 'A place with those above and directly below it' },
  params: z.strictObject({ code: PlaceCode }),
  response: Place.extend({
    ancestors: z.array(Place),
    children: z.array(Place),
    population: z.int().nullable(),
    areaKm2: z.number().nullable(),
  }),
})

export const UnderstandPlace = route({
  id: 'places.understand',
  method: 'POST',
  path: '/api/places/understand',
  summary: { zh: '从一句话里读出地点', en: 'Read the place out of free text' },
  load: 'read',
  body: z.strictObject({ text: z.string().min(1).max(2000), within: PlaceCode.optional() }),
  response: z.object({ understood: PlaceUnderstood.nullable() }),
})

export const NearestPlaces = route({
  id: 'places.nearest',
  method: 'GET',
  path: '/api/places/nearest',
  load: 'glance',
  summary: { zh: '离一个坐标最近的街镇', en: 'Subdistricts nearest to a position (WGS84)' },
  query: z.strictObject({
    lng: z.coerce.number().min(-180).max(180),
    lat: z.coerce.number().min(-90).max(90),
    n: z.coerce.number().int().min(1).max(20).default(5),
    datum: z.enum(['wgs84', 'gcj02']).default('wgs84'),
  }),
  response: z.object({ items: z.array(z.object({ place: Place, metres: z.number() })) }),
})

export const GetOutlines = route({
  id: 'places.outlines',
  method: 'GET',
  path: '/api/outlines',
  summary: {
    zh: '各区轮廓（GeoJSON，WGS84，含水域，仅供演示）',
    en: 'District outlines (GeoJSON, WGS84, water included, for demonstration)',
  },
  load: 'decoration',
  response: z.object({
    type: z.literal('FeatureCollection'),
    features: z.array(z.unknown()),
    note: Bilingual,
  }),
})
