import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Spin } from 'antd'
import { useState } from 'react'
import type { SiteDetail } from '#capabilities/sites/contract.ts'
import { DropSlots, ListSlots, PlanSlots, type Slot } from '#capabilities/sites/slots.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'

/** “1号楼 120” a line → buildings; a number alone is the whole place. Undefined where a line cannot be read. */
export function readBuildings(text: string): { building: string | null; people: number }[] | undefined {
  const lines = text
    .split(/\n/)
    .map((l) => l.trim())
    .filter(Boolean)
  const found = lines.map((l) => /^(?:(.{1,40}?)[\s,，:：]+)?(\d{1,5})\s*人?$/u.exec(l))
  if (found.length === 0 || found.some((m) => !m || Number(m[2]) < 1)) return undefined
  return found.map((m) => ({ building: m![1]?.trim() || null, people: Number(m![2]) }))
}

function Times({ items }: { items: readonly Slot[] }) {
  const t = useWords()
  return (
    <table className="list small">
      <tbody>
        {items.map((s) => (
          <tr key={s.id}>
            <td className="mono">
              {shanghaiParts(Date.parse(s.from)).time}–{shanghaiParts(Date.parse(s.to)).time}
            </td>
            <td lang="zh-CN">{s.building ?? t({ zh: '全体', en: 'everybody' })}</td>
            <td>{s.place}</td>
            <td className="n">{t({ zh: `${s.people} 人`, en: `${s.people} people` })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Times by building at this site: what stands for a day, and a new plan that is looked at before it is made. */
export function SiteSlots({ site }: { site: SiteDetail }) {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const now = useNow(30_000)
  const today = shanghaiParts(now).day
  const [day, setDay] = useState(today)
  const [place, setPlace] = useState<string | undefined>(
    site.placeCode.length >= 12 ? site.placeCode : undefined,
  )
  const [time, setTime] = useState('08:00')
  const [text, setText] = useState('')
  const [planId, setPlanId] = useState(clientId)
  const got = useQuery({
    queryKey: [ListSlots.id, site.id, day],
    queryFn: ({ signal }) => call(ListSlots, { params: { id: site.id }, query: { day }, signal }),
  })
  const buildings = readBuildings(text)
  const plan = useMutation({
    mutationFn: (preview: boolean) =>
      call(PlanSlots, {
        params: { id: site.id },
        body: {
          planId,
          placeCode: place!,
          from: `${day}T${time}:00+08:00`,
          buildings: buildings!,
          preview,
        },
      }),
    onSuccess: (_, preview) => {
      if (preview) return
      setText('')
      setPlanId(clientId())
      void queryClient.invalidateQueries({ queryKey: [ListSlots.id] })
    },
  })
  const drop = useMutation({
    mutationFn: (id: string) => call(DropSlots, { params: { planId: id } }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: [ListSlots.id] }),
  })
  const ready = place !== undefined && place.length >= 12 && buildings !== undefined
  const plans = Map.groupBy(got.data?.items ?? [], (s) => s.planId)
  const shown = plan.data && plan.variables ? plan.data : null
  return (
    <section className="card">
      <div className="row">
        <h2>{t({ zh: '按楼时段', en: 'Times by building' })}</h2>
        <input
          type="date"
          aria-label={t({ zh: '日期', en: 'Day' })}
          value={day}
          onChange={(e) => e.target.value && setDay(e.target.value)}
        />
        <span className="grow" />
        <Button onClick={() => print()}>{t({ zh: '打印', en: 'Print' })}</Button>
      </div>
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {got.isPending && <Spin />}
      {got.data?.items.length === 0 && (
        <p className="muted">{t({ zh: '这天还没有排时段。', en: 'No times are given on this day yet.' })}</p>
      )}
      {[...plans].map(([id, items]) => (
        <div key={id} className="plan">
          <Times items={items} />
          {may('slots.plan') && (
            <Button size="small" loading={drop.isPending} onClick={() => drop.mutate(id)}>
              {t({ zh: '撤回', en: 'Take back' })}
            </Button>
          )}
        </div>
      ))}
      {drop.error && <Failure error={drop.error} />}
      <form
        className="row slots-form"
        onSubmit={(e) => {
          e.preventDefault()
          plan.mutate(false)
        }}
      >
        <PlacePicker
          label={t({ zh: '哪个小区', en: 'Which compound' })}
          placeholder={t({ zh: '小区或居委', en: 'Compound or neighbourhood' })}
          value={place}
          onChange={setPlace}
        />
        <input
          type="time"
          aria-label={t({ zh: '从几点', en: 'From' })}
          value={time}
          onChange={(e) => setTime(e.target.value)}
        />
        <Input.TextArea
          aria-label={t({ zh: '楼栋和人数', en: 'Buildings and people' })}
          placeholder={t({ zh: '每行一栋：1号楼 120', en: 'One a line: 1号楼 120' })}
          autoSize={{ minRows: 2, maxRows: 12 }}
          value={text}
          onChange={(e) => {
            setText(e.target.value)
            plan.reset()
          }}
        />
        <Button disabled={!ready} onClick={() => plan.mutate(true)}>
          {t({ zh: '先看', en: 'Look first' })}
        </Button>
        <Button type="primary" htmlType="submit" disabled={!ready} loading={plan.isPending}>
          {t({ zh: '排定', en: 'Give these times' })}
        </Button>
      </form>
      {text !== '' && buildings === undefined && (
        <p className="left red">
          ▲ {t({ zh: '有一行读不懂，写成：1号楼 120', en: 'A line cannot be read; write: 1号楼 120' })}
        </p>
      )}
      {plan.error && <Failure error={plan.error} />}
      {shown && (
        <div className="plan preview">
          <b>
            {t({
              zh: `预览：${shown.desks} 台，每小时 ${shown.perHour} 人`,
              en: `Preview: ${shown.desks} ${shown.desks === 1 ? 'desk' : 'desks'}, ${shown.perHour} people an hour`,
            })}
          </b>
          {shown.overruns && shown.closesAt && (
            <p className="left amber">
              ▲{' '}
              {t({
                zh: `采样点 ${when(shown.closesAt, now, language)} 关，排不完；请延长开放或加台`,
                en: `The site closes at ${when(shown.closesAt, now, language)}, before the last building: extend its hours or add desks`,
              })}
            </p>
          )}
          {shown.alsoExpected > 0 && (
            <p className="left amber">
              ▲{' '}
              {t({
                zh: `同一时间另有 ${shown.alsoExpected} 人已被排到这里，会排成一队；请错开或加台`,
                en: `${shown.alsoExpected} others were told to come here in the same time and would stand in one line: choose another time, or add desks`,
              })}
            </p>
          )}
          <Times items={shown.items} />
        </div>
      )}
    </section>
  )
}
