import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import type { Bilingual } from '#kernel/contract.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { findOrder, openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { maskName, maskPhone, recordLooks } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn, positionOf } from '#capabilities/places/index.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import { singleTubeClause, termsOn } from './duties.ts'
import { countGroups, countMet, missingOf, type Born } from './missing-store.ts'
import { MissedGroup, type CountMissing, type ListMissing, type SendToDoor } from './missing.contract.ts'

/** What a group is called on an order. */
export const NAMES: Record<MissedGroup, Bilingual> = {
  no_phone: { zh: '没有手机', en: 'no telephone' },
  bedridden: { zh: '长期卧床', en: 'bedridden' },
  night_shift: { zh: '夜班', en: 'night shift' },
  old_age: { zh: '高龄', en: 'old people' },
  newborn: { zh: '新生儿', en: 'newborns' },
  no_document: { zh: '没有证件号码', en: 'no identity number' },
  met: { zh: '采样现场才登记', en: 'first met at a sampling table' },
  city_service: { zh: '城市运行人员', en: 'city-service workers' },
}

export function bornOf(policy: Policy, day: string): Born {
  const [year, month] = day.split('-').map(Number) as [number, number]
  return {
    old: year - parameter(policy, 'coverage.oldAge').value,
    // By month: until the end of the month in which they become as old.
    newborn: year * 12 + month - 1 - parameter(policy, 'coverage.newbornMonths').value,
  }
}

/** The place, narrow enough to be walked through and one of the actor's. Errors: `place_too_wide`, `place_not_found`. */
export function checkPlace(actor: Actor, permission: string, place: string): void {
  if (place.length < 9) throw new CityError('place_too_wide')
  if (!may(actor, permission, place)) throw new CityError('place_not_found')
}

/** Masked, with what is owed and why a round easily misses them; each of them is told that they were looked at. */
export async function listMissing(app: App, actor: Actor, { query }: Given<typeof ListMissing>) {
  const { place, group, after, limit } = query
  checkPlace(actor, 'people.read', place)
  const today = dayOf(app.clock.now())
  const day = query.day ?? today
  const policy = await policyOf(app, place)
  const atlas = await atlasOf(app)
  return within(app.db, { as: 'service' }, async (trx) => {
    const asked = {
      place,
      day,
      isToday: day === today,
      terms: await termsOn(app, trx, day),
      born: bornOf(policy, day),
    }
    const found = await missingOf(trx, asked, { group, after, limit: limit + 1 })
    const shown = found.slice(0, limit)
    await audit(trx, actor, 'screening.missing', place, {
      placeCode: place,
      data: { rows: shown.length, ...(group && { group }) },
    })
    await recordLooks(
      trx,
      actor,
      'people.list',
      shown.map((p) => ({ personId: p.id, placeCode: p.place_code })),
    )
    return {
      items: shown.map((p) => ({
        personId: p.id,
        nameMasked: maskName(app.vault.open(p.name_sealed, 'person.name')),
        phoneMasked: p.phone_sealed ? maskPhone(app.vault.open(p.phone_sealed, 'person.phone')) : null,
        placeCode: p.place_code,
        place: pathIn(atlas, p.place_code, actor.language),
        groups: MissedGroup.options.filter((g) => p[g]),
        byYear: p.by_year,
        needs: p.needs ?? [],
        pcr: p.pcr,
        antigen: p.antigen,
        single: p.single,
        maySetNeeds: may(actor, 'people.needs', p.place_code),
      })),
      next: found.length > limit ? shown.at(-1)!.id : null,
    }
  })
}

/** One order a place, group and day: whoever asks again is shown the one that is there. */
const doorOrder = (place: string, group: MissedGroup, day: string) => idFrom('door', place, group, day)

/** Figures of nobody: how many of each group owe a test and have not done it. */
export async function countMissing(app: App, actor: Actor, { query }: Given<typeof CountMissing>) {
  const { place } = query
  checkPlace(actor, 'people.read', place)
  const today = dayOf(app.clock.now())
  const day = query.day ?? today
  const policy = await policyOf(app, place)
  return within(app.db, { as: 'service' }, async (trx) => {
    const asked = {
      place,
      day,
      isToday: day === today,
      terms: await termsOn(app, trx, day),
      born: bornOf(policy, day),
    }
    const { by: counts, left } = await countGroups(trx, asked)
    const orders = await trx
      .selectFrom('work_order')
      .select('id')
      .where(
        'id',
        'in',
        MissedGroup.options.map((g) => doorOrder(place, g, day)),
      )
      .execute()
    const known = new Set(orders.map((o) => o.id))
    return {
      all: counts.all.missing,
      ...left,
      met: await countMet(trx, place, startOfDay(today)),
      groups: MissedGroup.options.map((group) => {
        const id = doorOrder(place, group, day)
        const { owing, missing } = counts[group]
        return { group, owing, missing, orderId: known.has(id) ? id : null }
      }),
    }
  })
}

/**
 * Sends a team to the door of those of a group who still owe a test: one order for all of them, to the subdistrict's
 * queue, where its neighbourhoods work too. Errors: `place_too_wide`, `place_not_found`, `nobody_missing`.
 */
export async function sendToDoor(app: App, actor: Actor, { body }: Given<typeof SendToDoor>) {
  const { placeCode, group } = body
  await getKnownPlace(app, placeCode)
  checkPlace(actor, 'screening.door', placeCode)
  const day = dayOf(app.clock.now())
  const policy = await policyOf(app, placeCode)
  const atlas = await atlasOf(app)
  return within(app.db, { as: 'service' }, async (trx) => {
    const id = doorOrder(placeCode, group, day)
    const known = await findOrder(trx, id)
    const asked = {
      place: placeCode,
      day,
      isToday: true,
      terms: await termsOn(app, trx, day),
      born: bornOf(policy, day),
    }
    const { missing, simulated } = (await countGroups(trx, asked)).by[group]
    if (!known && missing === 0) throw new CityError('nobody_missing')
    const title = {
      zh: `上门采样 · ${NAMES[group].zh} ${missing} 人 · ${pathIn(atlas, placeCode)}`,
      en: `Sampling at the door · ${NAMES[group].en}: ${missing} · ${pathIn(atlas, placeCode, 'en')}`,
    }
    if (known) return { orderId: id, isNew: false, missing, title }
    const unitId = `street.${placeCode.slice(0, 9)}`
    const at = positionOf(atlas, placeCode, id)
    const owed = asked.terms.find((t) => placeCode.startsWith(t.placeCode) && t.pcr + t.antigen > 0)
    await openOrder(app, trx, {
      id,
      kind: 'door',
      title: title.zh,
      placeCode,
      address: null,
      lng: at?.lng ?? null,
      lat: at?.lat ?? null,
      element: 'test.home',
      urgent: false,
      urgencyKind: null,
      unitId: (await unitsOf(app)).has(unitId) ? unitId : null,
      reporterId: null,
      source: 'screening',
      simulated,
      why: {
        pack: policy.pack.id,
        clause: owed?.plan.clause ?? singleTubeClause(policy),
        reasons: [
          {
            zh: `${NAMES[group].zh}人员 ${missing} 人还没有做应做的检测，须上门`,
            en: `${missing} people (${NAMES[group].en}) still owe a test: a team goes to the door`,
          },
        ],
      },
    })
    await audit(trx, actor, 'screening.door', id, { placeCode, data: { group, missing, day } })
    return { orderId: id, isNew: true, missing, title }
  })
}
