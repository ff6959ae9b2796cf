import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Radio } from 'antd'
import QRCode from 'qrcode'
import type { z } from 'zod'
import { GetPlace } from '#capabilities/places/contract.ts'
import { PrintCodes } from '#capabilities/screening/custody.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { PlacePicker, usePlacePath } from '../places/PlacePicker.tsx'
import { useMay, useOwnPlace } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import './codes.css'

const route = getRouteApi('/people/codes')

type Codes = z.infer<typeof PrintCodes.response>
type PaperCode = Codes['items'][number]
type Phone = 'none' | 'some'
/** What was made at once, and what comes after it. */
type Made = { phone: Phone; validUntil: string; items: PaperCode[]; next: Turn | null }
type Turn = { phone: Phone; after?: string }

const ON_A_SHEET = 12
/** Forty sheets: more at once would hold the page while they are drawn. */
const AT_ONCE = 40 * ON_A_SHEET
/** A code of a neighbourhood has twelve digits. */
const NEIGHBOURHOOD = 12

/** The dark modules as one path; the margin of four that a reader needs is part of the picture. */
function Picture({ text, label }: { text: string; label: string }) {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  let path = ''
  for (let at = 0; at < data.length; at++)
    if (data[at]) path += `M${(at % size) + 4} ${Math.floor(at / size) + 4}h1v1h-1z`
  return (
    <svg viewBox={`0 0 ${size + 8} ${size + 8}`} shapeRendering="crispEdges" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  )
}

/** The places below one that is too large to print for: the way down to a neighbourhood. */
function Below({ place }: { place: string }) {
  const t = useWords()
  const { who } = route.useSearch()
  const below = useQuery({
    queryKey: [GetPlace.id, place],
    queryFn: ({ signal }) => call(GetPlace, { params: { code: place }, signal }),
    staleTime: Infinity,
  })
  if (below.error) return <Failure error={below.error} />
  return (
    <section className="card">
      <h2>
        {t({ zh: '纸质码按居委打印，请选一个', en: 'Paper codes are printed by neighbourhood: choose one' })}
      </h2>
      <ul className="below">
        {below.data?.children.map((c) => (
          <li key={c.code}>
            <Link to="/people/codes" search={{ place: c.code, ...(who && { who }) }}>
              {c.name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Sheets({ made, place }: { made: Made; place: string }) {
  const t = useWords()
  const path = usePlacePath(place)
  const until = shanghaiParts(Date.parse(made.validUntil)).day
  const sheets = Array.from({ length: Math.ceil(made.items.length / ON_A_SHEET) }, (_, i) =>
    made.items.slice(i * ON_A_SHEET, (i + 1) * ON_A_SHEET),
  )
  return sheets.map((sheet, i) => (
    <section key={sheet[0]!.personId} className="code-sheet">
      <p className="sheet-head">
        {t({ zh: '采样纸质码', en: 'Paper codes for sampling' })} · {path} · {i + 1}/{sheets.length}
      </p>
      {sheet.map((p) => (
        <article key={p.personId} className="paper-code">
          <Picture
            text={p.code}
            label={t({ zh: `${p.nameMasked} 的采样码`, en: `Code of ${p.nameMasked}` })}
          />
          <b lang="zh-CN">{p.nameMasked}</b>
          <span className="paper-place">{p.place}</span>
          <span>
            {t({ zh: `有效至 ${until}`, en: `valid until ${until}` })} · …{p.code.slice(-4)}
          </span>
        </article>
      ))}
    </section>
  ))
}

/** Makes a batch when it is asked to, never by itself: each code made is a look at a person. */
function Maker({ place, everybody }: { place: string; everybody: boolean }) {
  const t = useWords()
  const make = useMutation({
    gcTime: 0,
    mutationFn: async (turn: Turn): Promise<Made> => {
      const codes = await call(PrintCodes, { body: { placeCode: place, limit: AT_ONCE, ...turn } })
      const next: Turn | null = codes.next
        ? { phone: turn.phone, after: codes.next }
        : everybody && turn.phone === 'none'
          ? { phone: 'some' }
          : null
      const items = codes.items.toSorted((a, b) => a.placeCode.localeCompare(b.placeCode))
      return { phone: turn.phone, validUntil: codes.validUntil, items, next }
    },
  })
  const made = make.data
  const count = made?.items.length ?? 0
  const sheets = Math.ceil(count / ON_A_SHEET)
  return (
    <>
      {!made && (
        <>
          <p className="muted">
            {t({
              zh: '每张码只认一个人，姓名掩码。制作会记入审计，本人也能看到；请当天发到本人手里，余下的销毁。',
              en: 'Each code stands for one person, with a masked name. Making them is recorded, and the person is shown it; hand them out the same day and destroy what is left.',
            })}
          </p>
          <Button type="primary" loading={make.isPending} onClick={() => make.mutate({ phone: 'none' })}>
            {t({ zh: '制作纸质码', en: 'Make paper codes' })}
          </Button>
        </>
      )}
      {make.error && <Failure error={make.error} />}
      {made && count === 0 && (
        <Nothing
          title={
            made.phone === 'none'
              ? t({ zh: '这里的人都登记了手机', en: 'Everybody here has a telephone' })
              : t({ zh: '这里没有别的人了', en: 'There is nobody else here' })
          }
        >
          {!everybody &&
            t({
              zh: '要为有手机的人也打印，请选“所有人”。',
              en: 'To print for those who have one too, choose everybody.',
            })}
        </Nothing>
      )}
      {made && (
        <div className="row no-print">
          <output>
            {count > 0 &&
              t({
                zh: `${count} 人，${sheets} 张 A4`,
                en: `${count} people on ${sheets} ${sheets === 1 ? 'sheet' : 'sheets'} of A4`,
              })}
          </output>
          {count > 0 && (
            <Button type="primary" onClick={() => print()}>
              {t({ zh: '打印', en: 'Print' })}
            </Button>
          )}
          {made.next && (
            <Button loading={make.isPending} onClick={() => make.mutate(made.next!)}>
              {made.next.after
                ? t({ zh: '下一批', en: 'The next ones' })
                : t({ zh: '接着制作有手机的人', en: 'Go on with those who have a telephone' })}
            </Button>
          )}
        </div>
      )}
      {made && <Sheets made={made} place={place} />}
    </>
  )
}

/** Codes on paper for a neighbourhood, for those without a telephone first, twelve to a sheet. */
export function PaperCodesPage() {
  const t = useWords()
  const may = useMay()
  const navigate = useNavigate()
  const own = useOwnPlace()
  const search = route.useSearch()
  const place = search.place ?? own ?? '31'
  const everybody = search.who === 'all'
  useTitle(t({ zh: '纸质采样码', en: 'Paper codes' }))
  if (!may('sampling.codes')) return <NotForYou />
  return (
    <>
      <div className="page-head no-print">
        <h1>{t({ zh: '纸质采样码', en: 'Paper codes for sampling' })}</h1>
        <span className="grow" />
        {may('people.read') && (
          <Link to="/people" search={{ place }}>
            {t({ zh: '人员名册', en: 'People' })}
          </Link>
        )}
      </div>
      <search className="filters no-print" aria-label={t({ zh: '为谁打印', en: 'For whom' })}>
        <PlacePicker
          className="f-place"
          label={t({ zh: '居委', en: 'Neighbourhood' })}
          value={place}
          onChange={(next) =>
            void navigate({
              to: '/people/codes',
              search: { ...(next && { place: next }), ...(everybody && { who: 'all' as const }) },
              replace: true,
            })
          }
        />
        <Radio.Group
          aria-label={t({ zh: '为谁', en: 'For whom' })}
          value={everybody ? 'all' : 'none'}
          options={[
            { value: 'none', label: t({ zh: '没有手机的人', en: 'Those without a telephone' }) },
            {
              value: 'all',
              label: t({ zh: '所有人，没有手机的在前', en: 'Everybody, those without one first' }),
            },
          ]}
          onChange={(e) =>
            void navigate({
              to: '/people/codes',
              search: { place, ...(e.target.value === 'all' && { who: 'all' as const }) },
              replace: true,
            })
          }
        />
      </search>
      <div className="codes-maker">
        {place.length < NEIGHBOURHOOD ? (
          <Below place={place} />
        ) : (
          <Maker key={`${place} ${everybody}`} place={place} everybody={everybody} />
        )}
      </div>
    </>
  )
}
