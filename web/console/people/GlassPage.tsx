import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { BreakGlass, ListGlass, type GlassBreak } from '#capabilities/people/looks.contract.ts'
import { GetMe } from '#capabilities/people/contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useOnNotes } from '../shell/live.tsx'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'

/** Shorter is no reason (people.breakGlass). */
const REASON = 10

function BreakForm() {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const [place, setPlace] = useState<string>()
  const [reason, setReason] = useState('')
  const [id, setId] = useState(clientId)
  const broken = useMutation({
    mutationFn: (body: { id: string; place: string; reason: string }) => call(BreakGlass, { body }),
    onSuccess: () => {
      setId(clientId())
      setReason('')
      void queryClient.invalidateQueries({ queryKey: [GetMe.id] })
    },
  })
  return (
    <section className="card">
      <h2>{t({ zh: '查看另一辖区', en: 'Read another jurisdiction' })}</h2>
      <p className="muted">
        {t({
          zh: '只能看，不能办；到时自动结束。那里的督办人员会立即收到告警，理由会被复核。',
          en: 'Reading only; it ends by itself. The supervisors there are alarmed at once and review the reason.',
        })}
      </p>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault()
          if (place) broken.mutate({ id, place, reason: reason.trim() })
        }}
      >
        <PlacePicker
          label={t({ zh: '哪个地方', en: 'Which place' })}
          placeholder={t({ zh: '区、街镇或居委', en: 'District, subdistrict or neighbourhood' })}
          value={place}
          onChange={setPlace}
        />
        <Input
          aria-label={t({ zh: '理由', en: 'Reason' })}
          placeholder={t({ zh: '理由（至少十个字）', en: 'Reason (ten characters or more)' })}
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
        <Button
          danger
          htmlType="submit"
          disabled={!place || reason.trim().length < REASON}
          loading={broken.isPending}
        >
          {t({ zh: '越权查看', en: 'Break the glass' })}
        </Button>
      </form>
      {broken.error && <Failure error={broken.error} />}
      {broken.data && (
        <output>
          {broken.data.place} · {t({ zh: '可查看至', en: 'open until' })}{' '}
          <b>{when(broken.data.until, now, language)}</b>
        </output>
      )}
    </section>
  )
}

function GlassRow({ glass, now }: { glass: GlassBreak; now: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <tr>
      <td>{when(glass.openedAt, now, language)}</td>
      <td>{glass.place}</td>
      <td>
        {glass.account} <span className="muted">{t(glass.unit ?? glass.role)}</span>
      </td>
      <td lang="zh-CN">{glass.reason}</td>
      <td>
        {glass.active ? <b>{t({ zh: '生效中', en: 'Open' })}</b> : t({ zh: '已结束', en: 'Ended' })} ·{' '}
        {when(glass.until, now, language)}
      </td>
    </tr>
  )
}

function GlassList() {
  const t = useWords()
  const now = useNow(30_000)
  const list = useQuery({
    queryKey: [ListGlass.id],
    queryFn: ({ signal }) => call(ListGlass, { signal }),
    refetchInterval: 60_000,
  })
  useOnNotes(
    (note) => note.topic === 'alarm' && note.kind === 'glass',
    () => void list.refetch(),
  )
  return (
    <section className="card">
      <h2>{t({ zh: '谁越权看了本辖区', en: 'Who read my place from outside' })}</h2>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && (
        <Nothing title={t({ zh: '没有越权查看', en: 'Nobody broke the glass' })} />
      )}
      {list.data && list.data.items.length > 0 && (
        <div className="scroll">
          <table className="list">
            <thead>
              <tr>
                <th>{t({ zh: '时间', en: 'When' })}</th>
                <th>{t({ zh: '地方', en: 'Place' })}</th>
                <th>{t({ zh: '谁', en: 'Who' })}</th>
                <th>{t({ zh: '理由', en: 'Reason' })}</th>
                <th>{t({ zh: '至', en: 'Until' })}</th>
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((g) => (
                <GlassRow key={g.id} glass={g} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

export function GlassPage() {
  const t = useWords()
  const may = useMay()
  useTitle(t({ zh: '越权查看', en: 'Break the glass' }))
  if (!may('glass.break') && !may('glass.review')) return <NotForYou />
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '越权查看', en: 'Break the glass' })}</h1>
      </div>
      {may('glass.break') && <BreakForm />}
      {may('glass.review') && <GlassList />}
    </>
  )
}
