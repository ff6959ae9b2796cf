export type { AddressParts } from './address.ts'
export { type Divisions, placesFromDivisions } from './divisions.ts'
export {
  everydayName,
  findChild,
  findDistrict,
  findPlace,
  findSoundalike,
  type Gazetteer,
  makeGazetteer,
  pathOf,
} from './gazetteer.ts'
export {
  decodeOutlines,
  districtAt,
  gcj02ToWgs84,
  type LngLat,
  makePointIndex,
  metresBetween,
  nearest,
  type Outline,
  type PointIndex,
  positionNote,
  wgs84ToGcj02,
  withinMetres,
} from './geo.ts'
export {
  ancestorsOf,
  commonPlace,
  kindOf,
  parentOf,
  type Place,
  type PlaceKind,
  prefixRange,
} from './rules.ts'
export { search, type SearchOptions, type SearchResult } from './search.ts'
export { type PlaceGuess, understandPlace, type UnderstoodPlace, type UnderstoodWord } from './understand.ts'
export { getKnownPlace, understandPlaceIn } from './actions.ts'
export { type Atlas, atlasOf, findPlacePath, pathIn, pinyinName, positionOf, seedPlaces } from './atlas.ts'
export { allPlaces } from './store.ts'
export { syllablesOf } from './pinyin.ts'
export { placesRoutes } from './routes.ts'
export type { PlaceFacts } from './store.ts'
