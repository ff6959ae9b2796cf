import { useMutation } from '@tanstack/react-query'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { DeclareCapacity, type LabCapacity } from '#capabilities/screening/capacity.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { clockOf } from './backlog-words.tsx'

/** 24 hours as people write them; the browser's own field says AM and PM by the language of the machine. */
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/
const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
const POOLS = [1, 5, 10, 20] as const
type Pool = (typeof POOLS)[number]
const isPool = (n: number): n is Pool => POOLS.some((p) => p === n)

/** What a laboratory can do; each declaration stays with who made it, so changing is declaring again. */
export function CapacityForm({
  known,
  place,
  own,
  close,
}: {
  known: LabCapacity | undefined
  place: string
  /** The laboratory itself: its name in the grants is known to the server. */
  own: boolean
  close: () => void
}) {
  const t = useWords()
  const [lab, setLab] = useState(known?.lab ?? '')
  const [name, setName] = useState(known?.name ?? '')
  const [where, setWhere] = useState<string | undefined>(known?.placeCode ?? place)
  const [perHour, setPerHour] = useState<number | null>(known?.tubesPerHour ?? null)
  const [pools, setPools] = useState<Pool[]>(known?.pools.filter(isPool) ?? [10, 1])
  const [opens, setOpens] = useState(clockOf(known?.opens ?? 0))
  const [closes, setCloses] = useState(clockOf(known?.closes ?? 0))
  const said = useMutation({
    mutationFn: () =>
      call(DeclareCapacity, {
        body: {
          id: clientId(),
          ...(!own && { lab: lab.trim() }),
          name: name.trim(),
          placeCode: where!,
          tubesPerHour: perHour!,
          pools,
          opens: minuteOf(opens),
          closes: minuteOf(closes),
        },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries()
      close()
    },
  })
  const ready =
    (own || lab.trim().length > 1) &&
    name.trim().length > 1 &&
    where &&
    perHour !== null &&
    pools.length > 0 &&
    CLOCK.test(opens) &&
    CLOCK.test(closes)
  return (
    <form
      className="capacity-form"
      onSubmit={(e) => {
        e.preventDefault()
        said.mutate()
      }}
    >
      {!own && (
        <label>
          {t({ zh: '代号', en: 'Id' })}
          <Input
            value={lab}
            disabled={known !== undefined}
            maxLength={80}
            placeholder="lab.…"
            onChange={(e) => setLab(e.target.value)}
          />
        </label>
      )}
      <label>
        {t({ zh: '名称', en: 'Name' })}
        <Input value={name} maxLength={80} onChange={(e) => setName(e.target.value)} />
      </label>
      <PlacePicker
        className="f-place"
        label={t({ zh: '所在地', en: 'Place' })}
        placeholder={t({ zh: '区或街镇', en: 'District or subdistrict' })}
        value={where}
        onChange={setWhere}
      />
      <label>
        {t({ zh: '每小时管数', en: 'Tubes an hour' })}
        <InputNumber min={0} max={100_000} precision={0} value={perHour} onChange={setPerHour} />
      </label>
      <label>
        {t({ zh: '混样', en: 'Pools' })}
        <Select
          mode="multiple"
          className="pools"
          aria-label={t({ zh: '混样', en: 'Pools' })}
          value={pools}
          onChange={(p: Pool[]) => setPools(p)}
          options={POOLS.map((p) => ({
            value: p,
            label: p === 1 ? t({ zh: '单采', en: 'single' }) : `${p}:1`,
          }))}
        />
      </label>
      <label>
        {t({ zh: '开始', en: 'From' })}
        <Input
          className="clock"
          value={opens}
          maxLength={5}
          placeholder="08:00"
          status={CLOCK.test(opens) ? '' : 'error'}
          onChange={(e) => setOpens(e.target.value.replace('：', ':'))}
        />
      </label>
      <label>
        {t({ zh: '结束（相同为全天）', en: 'Until (the same: around the clock)' })}
        <Input
          className="clock"
          value={closes}
          maxLength={5}
          placeholder="08:00"
          status={CLOCK.test(closes) ? '' : 'error'}
          onChange={(e) => setCloses(e.target.value.replace('：', ':'))}
        />
      </label>
      <Button type="primary" htmlType="submit" disabled={!ready} loading={said.isPending}>
        {t({ zh: '申报', en: 'Declare' })}
      </Button>
      <Button onClick={close}>{t({ zh: '关闭', en: 'Close' })}</Button>
      {said.error && <Failure error={said.error} />}
    </form>
  )
}
