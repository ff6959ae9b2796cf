import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, InputNumber, Select, Spin } from 'antd'
import { useState } from 'react'
import {
  DeclareResource,
  ListResources,
  ResourceKind,
  type LabCapacity,
} from '#capabilities/screening/capacity.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { hoursWords, KIND_WORDS, num } from './backlog-words.tsx'
import { CapacityForm } from './CapacityForm.tsx'

function Count({ place }: { place: string }) {
  const t = useWords()
  const [where, setWhere] = useState<string | undefined>(place)
  const [kind, setKind] = useState<ResourceKind>('couriers')
  const [n, setN] = useState<number | null>(null)
  const said = useMutation({
    mutationFn: () => call(DeclareResource, { body: { id: clientId(), placeCode: where!, kind, n: n! } }),
    onSuccess: () => {
      setN(null)
      void queryClient.invalidateQueries({ queryKey: [ListResources.id] })
    },
  })
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault()
        said.mutate()
      }}
    >
      <PlacePicker
        className="f-place"
        label={t({ zh: '哪里', en: 'Where' })}
        placeholder={t({ zh: '区或街镇', en: 'District or subdistrict' })}
        value={where}
        onChange={setWhere}
      />
      <Select
        aria-label={t({ zh: '什么', en: 'What' })}
        className="kind"
        value={kind}
        onChange={(k: ResourceKind) => setKind(k)}
        options={ResourceKind.options.map((k) => ({ value: k, label: t(KIND_WORDS[k]) }))}
      />
      <InputNumber
        aria-label={t({ zh: '数量', en: 'How many' })}
        placeholder={t({ zh: '数量', en: 'How many' })}
        min={0}
        max={10_000_000}
        precision={0}
        value={n}
        onChange={setN}
      />
      <Button htmlType="submit" disabled={!where || n === null} loading={said.isPending}>
        {t({ zh: '申报', en: 'Declare' })}
      </Button>
      {said.error && <Failure error={said.error} />}
    </form>
  )
}

/** Stock, couriers and laboratories, with who said it and when; changed here by the supervisor of the place. */
export function BacklogResources({ place, now, may }: { place: string; now: number; may: boolean }) {
  const t = useWords()
  const language = useLanguage()
  const [editing, setEditing] = useState<LabCapacity | 'new'>()
  const list = useQuery({
    queryKey: [ListResources.id, place],
    queryFn: ({ signal }) => call(ListResources, { query: { place }, signal }),
  })
  const by = (r: { by: string; at: string }) => (
    <span className="muted">
      {r.by} · {when(r.at, now, language)}
    </span>
  )
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (!list.data) return <Spin className="waiting" />
  const { items, labs, tables } = list.data
  return (
    <>
      <section className="card figures" aria-label={t({ zh: '采样能力', en: 'What the tables can do' })}>
        <h2>{t({ zh: '采样能力', en: 'What the tables can do' })}</h2>
        <dl>
          <dt>{t({ zh: '开放采样点', en: 'Open sites' })}</dt>
          <dd>{num(tables.sites)}</dd>
          <dt>{t({ zh: '采样台', en: 'Desks' })}</dt>
          <dd>{num(tables.desks)}</dd>
          <dt>{t({ zh: '每小时可采', en: 'People an hour' })}</dt>
          <dd>{num(Math.round(tables.perHour))}</dd>
          <dt>{t({ zh: '近一小时已采', en: 'Sampled in the last hour' })}</dt>
          <dd>{num(tables.sampledLastHour)}</dd>
          <dt>{t({ zh: '正在采样的人', en: 'Samplers at work' })}</dt>
          <dd>{num(tables.samplers)}</dd>
        </dl>
      </section>
      <section className="card">
        <div className="row">
          <h2>{t({ zh: '实验室能力', en: 'What laboratories can do' })}</h2>
          <span className="grow" />
          {may && (
            <Button onClick={() => setEditing('new')}>
              {t({ zh: '代报一个实验室', en: 'Declare for one' })}
            </Button>
          )}
        </div>
        {editing && (
          <CapacityForm
            key={editing === 'new' ? 'new' : editing.lab}
            known={editing === 'new' ? undefined : editing}
            place={place}
            own={false}
            close={() => setEditing(undefined)}
          />
        )}
        {labs.length === 0 ? (
          <Nothing title={t({ zh: '还没有实验室申报能力', en: 'No laboratory has declared what it can do' })}>
            {t({
              zh: '实验室可在“实验室”页申报，督办可在此代报。',
              en: 'A laboratory declares on its own page; a supervisor here.',
            })}
          </Nothing>
        ) : (
          <table className="list">
            <tbody>
              {labs.map((c) => (
                <tr key={c.lab}>
                  <td>
                    <b>{c.name}</b> <span className="muted mono">{c.lab}</span>
                  </td>
                  <td>{c.place}</td>
                  <td className="n">
                    {t({ zh: `${num(c.tubesPerHour)} 管/时`, en: `${num(c.tubesPerHour)} tubes/h` })}
                  </td>
                  <td>
                    {c.pools.map((p) => (p === 1 ? t({ zh: '单采', en: 'single' }) : `${p}:1`)).join(' ')}
                  </td>
                  <td>
                    {t(hoursWords(c))}{' '}
                    {!c.works && <span className="muted">{t({ zh: '现在不检', en: 'closed now' })}</span>}
                  </td>
                  <td>{by(c)}</td>
                  <td>
                    {may && (
                      <Button size="small" onClick={() => setEditing(c)}>
                        {t({ zh: '修改', en: 'Change' })}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="card">
        <h2>{t({ zh: '采样员、管、箱与取送人员', en: 'Samplers, tubes, boxes and couriers' })}</h2>
        {may && <Count place={place} />}
        {items.length === 0 ? (
          <Nothing title={t({ zh: '还没有申报', en: 'Nothing was declared yet' })} />
        ) : (
          <table className="list">
            <tbody>
              {items.map((r) => (
                <tr key={`${r.placeCode} ${r.kind}`}>
                  <td>{r.place}</td>
                  <td>{t(KIND_WORDS[r.kind])}</td>
                  <td className="n">
                    <b>{num(r.n)}</b>
                  </td>
                  <td>{by(r)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  )
}
