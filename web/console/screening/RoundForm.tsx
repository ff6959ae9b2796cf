import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { ListRounds, OpenRound } from '#capabilities/screening/coverage.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { later } from './rounds-words.tsx'

/** Opens a round: where, by which plan of an area, from when to when, and what it means to reach by when. */
export function RoundForm({ place, today, close }: { place: string; today: string; close: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const [where, setWhere] = useState<string | undefined>(place)
  const [plan, setPlan] = useState<string>()
  const [title, setTitle] = useState('')
  const [starts, setStarts] = useState(today)
  const [ends, setEnds] = useState(today)
  const [percent, setPercent] = useState<number | null>(null)
  const [hour, setHour] = useState<number | null>(null)
  const [id] = useState(clientId)
  const { data } = useQuery({
    queryKey: [ListRounds.id, where ?? place, today],
    queryFn: ({ signal }) => call(ListRounds, { query: { place: where ?? place, day: today }, signal }),
  })
  const opened = useMutation({
    mutationFn: () =>
      call(OpenRound, {
        body: {
          id,
          placeCode: where!,
          planId: plan!,
          title: title.trim(),
          startsOn: starts,
          endsOn: ends,
          ...(percent !== null && { targetPercent: percent }),
          ...(hour !== null && { targetHour: hour }),
        },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries()
      close()
    },
  })
  return (
    <form
      className="card no-print round-form"
      aria-label={t({ zh: '开启一轮', en: 'Open a round' })}
      onSubmit={(e) => {
        e.preventDefault()
        opened.mutate()
      }}
    >
      <div className="row">
        <PlacePicker
          label={t({ zh: '哪里', en: 'Where' })}
          placeholder={t({
            zh: '区、街镇、居委或小区',
            en: 'District, subdistrict, neighbourhood or compound',
          })}
          value={where}
          onChange={setWhere}
        />
        <Select
          aria-label={t({ zh: '检测安排', en: 'Test plan' })}
          className="group"
          placeholder={t({ zh: '按政策包里的哪个安排', en: 'By which plan of the pack' })}
          value={plan ?? null}
          onChange={(p: string) => setPlan(p)}
          options={(data?.plans ?? []).map((p) => ({ value: p.id, label: p.name[language] }))}
        />
        <Input
          aria-label={t({ zh: '名称', en: 'Name' })}
          placeholder={t({ zh: '名称，居民会看到：如“花木第3轮”', en: 'Name, as residents read it' })}
          className="round-title"
          maxLength={80}
          value={title}
          onChange={(e) => setTitle(e.target.value)}
        />
      </div>
      <div className="row">
        <label>
          {t({ zh: '从 ', en: 'from ' })}
          <input
            type="date"
            min={today}
            max={later(today, data?.aheadDays)}
            value={starts}
            required
            onChange={(e) => {
              setStarts(e.target.value)
              if (ends < e.target.value) setEnds(e.target.value)
            }}
          />
        </label>
        <label>
          {t({ zh: '到 ', en: 'until ' })}
          <input
            type="date"
            min={starts}
            max={later(starts, data && data.mostDays - 1)}
            value={ends}
            required
            onChange={(e) => setEnds(e.target.value)}
          />
        </label>
        <label>
          {t({ zh: '目标：每天 ', en: 'Target: each day by ' })}
          <InputNumber
            className="two-digits"
            min={1}
            max={24}
            precision={0}
            value={hour ?? data?.target.hour ?? null}
            onChange={setHour}
          />
          {t({ zh: ' 点前', en: ' o’clock' })}
        </label>
        <label>
          {t({ zh: '完成应检的 ', en: 'of what is owed ' })}
          <InputNumber
            className="two-digits"
            min={1}
            max={100}
            precision={0}
            value={percent ?? data?.target.percent ?? null}
            onChange={setPercent}
          />
          {' %'}
        </label>
        <span className="grow" />
        <Button onClick={close}>{t({ zh: '取消', en: 'Cancel' })}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={!where || !plan || title.trim().length < 2}
          loading={opened.isPending}
        >
          {t({ zh: '开启', en: 'Open' })}
        </Button>
      </div>
      {data && (
        <p className="muted">
          {t({
            zh: `最早今天、最晚 ${data.aheadDays} 天后开始，最长 ${data.mostDays} 天。按职业的安排全市一直执行，不用开轮次。`,
            en: `From today to ${data.aheadDays} days ahead, for at most ${data.mostDays} days. Plans of an occupation hold all over the city without a round.`,
          })}
        </p>
      )}
      {opened.error && <Failure error={opened.error} />}
    </form>
  )
}
