import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Spin } from 'antd'
import { GetCircle, type Circle } from '#capabilities/sites/circle.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useMay, useMe } from '../shell/me.ts'
import { Failure, Nothing, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import type { CircleSearch } from './circle-search.ts'
import { Suggestions } from './Suggestions.tsx'
import { useGapsExport } from './useGapsExport.ts'
import './sites.css'

const route = getRouteApi('/circle')
const n = (x: number) => x.toLocaleString('en-US')
const percent = (c: { people: number; covered: number }) =>
  c.people === 0 ? '—' : `${((100 * c.covered) / c.people).toFixed(1)} %`

/** The day by the hour; the hour that is looked at is chosen here, by mouse or keyboard. */
function Hours({ circle, onPick }: { circle: Circle; onPick: (at: string) => void }) {
  const t = useWords()
  const here = shanghaiParts(Date.parse(circle.at)).time.slice(0, 2)
  return (
    <fieldset className="circle-hours" aria-label={t({ zh: '时刻', en: 'Hour' })}>
      {circle.hours.map((h) => {
        const hour = shanghaiParts(Date.parse(h.at)).time.slice(0, 2)
        const share = circle.people === 0 ? 0 : h.covered / circle.people
        const words = t({
          zh: `${hour} 时：${(share * 100).toFixed(1)} %，${h.openSites} 个开放`,
          en: `${hour}:00: ${(share * 100).toFixed(1)} %, ${h.openSites} sites open`,
        })
        return (
          <button
            key={h.at}
            type="button"
            aria-pressed={hour === here}
            aria-label={words}
            title={words}
            onClick={() => onPick(h.at)}
          >
            <i style={{ height: `${Math.max(2, share * 64)}px` }} className={share < 0.5 ? 'low' : ''} />
            <span>{hour}</span>
          </button>
        )
      })}
    </fieldset>
  )
}

/** Who can walk to an open site at an hour, where nobody can, and what would help most. */
export function CirclePage() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const me = useMe()
  const now = useNow(60_000)
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/circle' })
  useTitle(t({ zh: '15分钟采样圈', en: 'Fifteen-minute circle' }))
  const place = search.place ?? me.data?.may['screening.read']?.[0] ?? '31'
  const mayRead = may('screening.read')
  const set = (change: { [K in keyof CircleSearch]: CircleSearch[K] | undefined }) =>
    void navigate({ search: { ...search, ...change }, replace: true })
  const got = useQuery({
    queryKey: [GetCircle.id, place, search.at],
    queryFn: ({ signal }) =>
      call(GetCircle, { query: { place, ...(search.at && { at: search.at }) }, signal }),
    enabled: mayRead,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  const save = useGapsExport()
  const saved = useMutation({ mutationFn: save })
  if (!mayRead) return <NotForYou />
  const c = got.data
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '15分钟采样圈', en: 'Fifteen-minute circle' })}</h1>
        <PlacePicker
          label={t({ zh: '地点', en: 'Place' })}
          value={place}
          onChange={(code) => set({ place: code })}
        />
        {search.at && (
          <button type="button" className="view" onClick={() => set({ at: undefined })}>
            {t({ zh: '回到现在', en: 'Back to now' })}
          </button>
        )}
        <span className="grow" />
        <Button onClick={() => print()}>{t({ zh: '打印', en: 'Print' })}</Button>
      </div>
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {!c && !got.error && <Spin className="waiting" />}
      {c && (
        <>
          <section className="card figures">
            <div>
              <h2>{c.place}</h2>
              <p className="muted">{when(c.at, now, language)}</p>
            </div>
            <dl>
              <dt>{t({ zh: `${c.walkMinutes} 分钟内可达`, en: `Within ${c.walkMinutes} minutes` })}</dt>
              <dd>{percent(c)}</dd>
              <dt>{t({ zh: '居民', en: 'Residents' })}</dt>
              <dd>{n(c.people)}</dd>
              <dt>{t({ zh: '够不着', en: 'Out of reach' })}</dt>
              <dd>{n(c.people - c.covered)}</dd>
              <dt>{t({ zh: '开放采样点', en: 'Open sites' })}</dt>
              <dd>{n(c.openSites)}</dd>
            </dl>
            <Hours circle={c} onPick={(at) => set({ at })} />
            <p className="muted">
              {t({
                zh: `步行 ${c.walkMinutes} 分钟按直线 ${c.reachMetres} 米计（政策包）。`,
                en: `A walk of ${c.walkMinutes} minutes is ${c.reachMetres} m as the crow flies (policy pack).`,
              })}
              {c.approximate > 0 &&
                t({
                  zh: ` 其中 ${n(c.approximate)} 个小区的位置是模拟的。`,
                  en: ` The position of ${n(c.approximate)} compounds is simulated.`,
                })}
              {c.unplaced > 0 && (
                <b className="left amber">
                  {' '}
                  ◐{' '}
                  {t({
                    zh: `另有 ${n(c.unplaced)} 人只知道在哪个区，无法定位，不在以上各数里。`,
                    en: `${n(c.unplaced)} more people are in none of these numbers: only their district is known.`,
                  })}
                </b>
              )}
            </p>
          </section>
          <Suggestions place={place} hour={search.at} mayAsk={may('sites.edit') && place.length <= 9} />
          <div className="two">
            {place.length < 12 && c.below.length > 0 && (
              <section className="card">
                <h2>{t({ zh: '各地', en: 'Places' })}</h2>
                <table className="list small">
                  <tbody>
                    {c.below.map((b) => (
                      <tr key={b.placeCode}>
                        <td>
                          <Link to="/circle" search={{ ...search, place: b.placeCode }}>
                            {b.place}
                          </Link>
                        </td>
                        <td className="n">{percent(b)}</td>
                        <td className="n">
                          {t({
                            zh: `够不着 ${n(b.people - b.covered)}`,
                            en: `${n(b.people - b.covered)} out of reach`,
                          })}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </section>
            )}
            <section className="card">
              <div className="row">
                <h2>{t({ zh: '最大的缺口', en: 'The largest gaps' })}</h2>
                <span className="grow" />
                {c.gaps.length > 0 && (
                  <Button size="small" loading={saved.isPending} onClick={() => saved.mutate(c)}>
                    {t({ zh: '导出全部缺口 CSV', en: 'Export all gaps as CSV' })}
                  </Button>
                )}
              </div>
              {saved.error && <Failure error={saved.error} />}
              {c.gaps.length === 0 && (
                <Nothing
                  title={t({ zh: '没有缺口：人人步行可达', en: 'No gap: everybody can walk to one' })}
                />
              )}
              <table className="list small gaps">
                <tbody>
                  {c.gaps.map((g) => (
                    <tr key={g.placeCode}>
                      <td>{g.place}</td>
                      <td className="n">{t({ zh: `${n(g.people)} 人`, en: `${n(g.people)} people` })}</td>
                      <td>
                        {g.nearest ? (
                          <Link to="/sites/$id" params={{ id: g.nearest.id }}>
                            {g.nearest.name}
                          </Link>
                        ) : (
                          <span className="muted">{t({ zh: '没有开放的', en: 'none open' })}</span>
                        )}
                      </td>
                      <td className="n">
                        {g.nearest &&
                          t({
                            zh: `步行 ${g.nearest.walkMinutes} 分`,
                            en: `${g.nearest.walkMinutes} min on foot`,
                          })}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </div>
        </>
      )}
    </>
  )
}
