import { useMutation } from '@tanstack/react-query'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { PutSite, type SiteDetail, type SiteFacts } from '#capabilities/sites/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { queryClient } from '../shell/query.ts'
import { codeOf, Failure } from '../shell/Say.tsx'
import { fromHours, HoursEditor, toHours } from './HoursEditor.tsx'
import { KIND, POOLING, SETTING } from './site-words.ts'

const options = <K extends string>(
  words: Record<K, { zh: string; en: string }>,
  t: (w: { zh: string; en: string }) => string,
) => (Object.keys(words) as K[]).map((value) => ({ value, label: t(words[value]) }))

/** Sets up a site or changes it. A reason is asked for, since the change stands in the record with it. */
export function SiteForm({
  id,
  site,
  start,
  onDone,
}: {
  id: string
  site: SiteDetail | null
  start: SiteFacts
  onDone: (site: SiteDetail) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const [facts, setFacts] = useState(start)
  const [hours, setHours] = useState(() => fromHours(start.hours, language))
  const [reason, setReason] = useState('')
  const set = (change: Partial<SiteFacts>) => setFacts((f) => ({ ...f, ...change }))
  const read = toHours(hours)
  const saved = useMutation({
    mutationFn: () =>
      call(PutSite, {
        params: { id },
        body: {
          version: site?.version ?? 0,
          facts: { ...facts, name: facts.name.trim(), address: facts.address.trim(), hours: read! },
          reason: reason.trim(),
        },
      }),
    onSuccess: (done) => {
      void queryClient.invalidateQueries()
      onDone(done)
    },
  })
  const whole =
    facts.name.trim().length >= 2 &&
    facts.address.trim().length >= 2 &&
    facts.placeCode.length >= 6 &&
    read !== undefined &&
    reason.trim().length >= 2
  return (
    <form
      className="card site-form"
      onSubmit={(e) => {
        e.preventDefault()
        saved.mutate()
      }}
    >
      <div className="site-grid">
        <label>
          {t({ zh: '名称', en: 'Name' })}
          <Input value={facts.name} maxLength={80} onChange={(e) => set({ name: e.target.value })} />
        </label>
        <label>
          {t({ zh: '所在地', en: 'Place' })}
          <PlacePicker
            label={t({ zh: '所在地', en: 'Place' })}
            value={facts.placeCode || undefined}
            onChange={(placeCode) => set({ placeCode: placeCode ?? '' })}
          />
        </label>
        <label className="wide">
          {t({ zh: '地址', en: 'Address' })}
          <Input value={facts.address} maxLength={200} onChange={(e) => set({ address: e.target.value })} />
        </label>
        <label>
          {t({ zh: '经度（WGS84）', en: 'Longitude (WGS84)' })}
          <InputNumber
            value={facts.lng}
            min={70}
            max={140}
            step={0.0001}
            onChange={(lng) => lng !== null && set({ lng })}
          />
        </label>
        <label>
          {t({ zh: '纬度（WGS84）', en: 'Latitude (WGS84)' })}
          <InputNumber
            value={facts.lat}
            min={3}
            max={54}
            step={0.0001}
            onChange={(lat) => lat !== null && set({ lat })}
          />
        </label>
        <label>
          {t({ zh: '类型', en: 'Kind' })}
          <Select
            aria-label={t({ zh: '类型', en: 'Kind' })}
            value={facts.kind}
            onChange={(kind) => set({ kind })}
            options={options(KIND, t)}
          />
        </label>
        <label>
          {t({ zh: '设在', en: 'Where it stands' })}
          <Select
            aria-label={t({ zh: '设在', en: 'Where it stands' })}
            allowClear
            value={facts.setting}
            onChange={(setting) => set({ setting: setting ?? null })}
            options={options(SETTING, t)}
          />
        </label>
        <label>
          {t({ zh: '采样方式', en: 'Tubes' })}
          <Select
            aria-label={t({ zh: '采样方式', en: 'Tubes' })}
            value={facts.pooling}
            onChange={(pooling) => set({ pooling })}
            options={options(POOLING, t)}
          />
        </label>
        <label>
          {t({ zh: '采样台数', en: 'Desks' })}
          <InputNumber
            value={facts.desks}
            min={0}
            max={500}
            precision={0}
            onChange={(desks) => desks !== null && set({ desks })}
          />
        </label>
      </div>
      <HoursEditor hours={hours} onChange={setHours} />
      <label className="row">
        <input type="checkbox" checked={facts.ended} onChange={(e) => set({ ended: e.target.checked })} />
        {t({
          zh: '停用：不再出现在清单里，记录保留',
          en: 'No longer used: it leaves the lists and keeps its record',
        })}
      </label>
      <div className="row">
        <Input
          aria-label={t({ zh: '为什么改', en: 'Why' })}
          placeholder={t({ zh: '为什么改（记入记录）', en: 'Why (it stands in the record)' })}
          value={reason}
          maxLength={200}
          onChange={(e) => setReason(e.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={!whole} loading={saved.isPending}>
          {site ? t({ zh: '保存', en: 'Save' }) : t({ zh: '设立', en: 'Set up' })}
        </Button>
      </div>
      {read === undefined && (
        <p className="left red">
          ▲{' '}
          {t({
            zh: '有一格时间读不懂，例：08:00-11:30, 22:00-次日02:00；按先后写，日期写全',
            en: 'A time cannot be read; write 08:00-11:30, 22:00-next day 02:00, in order, and dates in full',
          })}
        </p>
      )}
      {saved.error && (
        <Failure
          error={saved.error}
          {...(codeOf(saved.error) === 'site_changed' && {
            retry: () => void queryClient.invalidateQueries(),
          })}
        />
      )}
    </form>
  )
}
