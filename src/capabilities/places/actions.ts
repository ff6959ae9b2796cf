import type { App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, pathIn, pinyinName, type Atlas } from './atlas.ts'
import type * as contract from './contract.ts'
import type { Place, PlaceUnderstood } from './contract.ts'
import { gcj02ToWgs84, nearest } from './geo.ts'
import { ancestorsOf } from './rules.ts'
import { search } from './search.ts'
import type { PlaceFacts } from './store.ts'
import { understandPlace } from './understand.ts'

function toPlace(known: Atlas, p: PlaceFacts, language: Language): Place {
  return {
    code: p.code,
    kind: p.kind,
    name: language === 'zh' ? p.name : pinyinName(p),
    path: pathIn(known, p.code, language),
    parentCode: p.parentCode ?? null,
    lng: p.lng ?? null,
    lat: p.lat ?? null,
    simulated: p.simulated,
  }
}

export async function searchPlaces(app: App, actor: Actor, { query }: Given<typeof contract.SearchPlaces>) {
  const known = await atlasOf(app)
  return {
    items: search(known.gazetteer, query.q, { limit: query.limit, within: query.within }).map(({ place }) =>
      toPlace(known, place, actor.language),
    ),
  }
}

export async function getPlace(app: App, actor: Actor, { params }: Given<typeof contract.GetPlace>) {
  const known = await atlasOf(app)
  const place = known.facts.get(params.code)
  if (!place) throw new CityError('place_not_found')
  const children =
    known.gazetteer.children.get(place.code) ??
    [...known.facts.values()].filter((p) => p.parentCode === place.code)
  return {
    ...toPlace(known, place, actor.language),
    ancestors: ancestorsOf(place.code)
      .flatMap((c) => known.facts.get(c) ?? [])
      .map((p) => toPlace(known, p, actor.language)),
    children: children.map((p) => toPlace(known, p, actor.language)),
    population: place.population ?? null,
    areaKm2: place.areaKm2 ?? null,
  }
}

/** What the text says of a place, in the form of the contract; null where it says nothing. */
export async function understandPlaceIn(
  app: App,
  text: string,
  within?: string,
  language: Language = 'zh',
): Promise<PlaceUnderstood | null> {
  const known = await atlasOf(app)
  const found = understandPlace(known.gazetteer, text, { within })
  if (!found) return null
  return {
    placeCode: found.placeCode,
    path: pathIn(known, found.placeCode, language),
    address: found.address ?? null,
    confidence: found.confidence,
    alternatives: found.alternatives
      .slice(0, 5)
      .map((a) => ({ placeCode: a.placeCode, path: pathIn(known, a.placeCode, language) })),
    words: [
      ...found.words.map((w) => ({
        from: w.from,
        to: w.to,
        text: w.text,
        about: 'place' as const,
        means: w.placeCode,
      })),
      ...(found.addressAt && found.address
        ? [
            {
              ...found.addressAt,
              text: text.slice(found.addressAt.from, found.addressAt.to),
              about: 'address' as const,
              means: found.address,
            },
          ]
        : []),
    ],
  }
}

export async function understand(app: App, actor: Actor, { body }: Given<typeof contract.UnderstandPlace>) {
  return { understood: await understandPlaceIn(app, body.text, body.within, actor.language) }
}

export async function nearestPlaces(app: App, actor: Actor, { query }: Given<typeof contract.NearestPlaces>) {
  const known = await atlasOf(app)
  const [lng, lat] = query.datum === 'gcj02' ? gcj02ToWgs84([query.lng, query.lat]) : [query.lng, query.lat]
  return {
    items: nearest(known.subdistricts, lng, lat, query.n).map(({ item, metres }) => ({
      place: toPlace(known, item, actor.language),
      metres: Math.round(metres),
    })),
  }
}

export async function getOutlines(app: App, _actor: Actor, { reply }: Given<typeof contract.GetOutlines>) {
  const known = await atlasOf(app)
  reply.header('cache-control', 'public, max-age=86400')
  return {
    ...known.outlines,
    note: {
      zh: '轮廓仅供演示，含水域；正式使用请换用审定地图',
      en: 'Outlines for demonstration, water included; put in an approved map',
    },
  }
}

/** The place itself, or `place_not_found`. */
export async function getKnownPlace(app: App, code: string): Promise<PlaceFacts> {
  const place = (await atlasOf(app)).facts.get(code)
  if (!place) throw new CityError('place_not_found')
  return place
}
