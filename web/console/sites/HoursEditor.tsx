import { Button, Input, Select } from 'antd'
import {
  Hours,
  readTimes,
  writeTimes,
  type Interval,
  type OpeningRules,
} from '#capabilities/sites/hours.contract.ts'
import type { SiteFacts } from '#capabilities/sites/contract.ts'
import { useWords } from '#web/shared/language.ts'

/** The hours as texts that are being typed. */
export type HoursTyped = {
  known: boolean
  always: boolean
  week: string[]
  parity: 'odd' | 'even' | undefined
  /** Undefined: as in the week. */
  holidays: string | undefined
  exceptions: { date: string; times: string }[]
}

export const fromHours = (rules: OpeningRules | SiteFacts['hours']): HoursTyped => ({
  known: rules !== null,
  always: rules?.always ?? false,
  week: rules ? rules.week.map(writeTimes) : Array.from({ length: 7 }, () => ''),
  parity: rules?.parity,
  holidays: rules?.holidays && writeTimes(rules.holidays),
  exceptions: rules?.exceptions.map((e) => ({ date: e.date, times: writeTimes(e.intervals) })) ?? [],
})

const DAY: Interval = [0, 1440]

/** What was typed as rules; null where hours are not known; undefined where something cannot be read. */
export function toHours(typed: HoursTyped): SiteFacts['hours'] | undefined {
  if (!typed.known) return null
  const week = typed.week.map((text) => (typed.always ? [DAY] : readTimes(text)))
  const holidays = typed.holidays === undefined ? undefined : readTimes(typed.holidays)
  const exceptions = typed.exceptions.map((e) => ({ date: e.date, intervals: readTimes(e.times) }))
  if (week.includes(undefined) || exceptions.some((e) => e.intervals === undefined)) return undefined
  if (typed.holidays !== undefined && holidays === undefined) return undefined
  const rules = Hours.safeParse({
    always: typed.always,
    week,
    ...(typed.parity && { parity: typed.parity }),
    ...(holidays && { holidays }),
    exceptions,
  })
  return rules.success ? rules.data : undefined
}

const DAYS = [
  { zh: '周一', en: 'Monday' },
  { zh: '周二', en: 'Tuesday' },
  { zh: '周三', en: 'Wednesday' },
  { zh: '周四', en: 'Thursday' },
  { zh: '周五', en: 'Friday' },
  { zh: '周六', en: 'Saturday' },
  { zh: '周日', en: 'Sunday' },
]

/** The week, odd and even days, public holidays, and single dates that differ. An empty field is a closed day. */
export function HoursEditor({
  hours,
  onChange,
}: {
  hours: HoursTyped
  onChange: (next: HoursTyped) => void
}) {
  const t = useWords()
  const set = (change: Partial<HoursTyped>) => onChange({ ...hours, ...change })
  const bad = (text: string) => (readTimes(text) === undefined ? ('error' as const) : undefined)
  return (
    <fieldset className="hours">
      <legend>{t({ zh: '开放时间', en: 'Opening hours' })}</legend>
      <div className="row">
        <label className="row">
          <input type="checkbox" checked={!hours.known} onChange={(e) => set({ known: !e.target.checked })} />
          {t({ zh: '还不知道', en: 'Not known yet' })}
        </label>
        {hours.known && (
          <label className="row">
            <input
              type="checkbox"
              checked={hours.always}
              onChange={(e) => set({ always: e.target.checked })}
            />
            {t({ zh: '24 小时', en: '24 hours' })}
          </label>
        )}
        {hours.known && (
          <Select
            aria-label={t({ zh: '隔天', en: 'Alternate days' })}
            className="group"
            allowClear
            placeholder={t({ zh: '每天；可选隔天', en: 'Every day; or alternate days' })}
            value={hours.parity}
            onChange={(parity) => set({ parity })}
            options={[
              { value: 'odd', label: t({ zh: '只在单号', en: 'Odd dates only' }) },
              { value: 'even', label: t({ zh: '只在双号', en: 'Even dates only' }) },
            ]}
          />
        )}
      </div>
      {hours.known && !hours.always && (
        <>
          <div className="week">
            {DAYS.map((day, i) => (
              <label key={day.en}>
                {t(day)}
                <Input
                  value={hours.week[i]}
                  status={bad(hours.week[i]!)}
                  placeholder={t({ zh: '不开', en: 'closed' })}
                  onChange={(e) => set({ week: hours.week.with(i, e.target.value) })}
                />
              </label>
            ))}
          </div>
          <Button size="small" onClick={() => set({ week: hours.week.map(() => hours.week[0]!) })}>
            {t({ zh: '每天同周一', en: 'Every day as on Monday' })}
          </Button>
        </>
      )}
      {hours.known && (
        <div className="exceptions">
          <label className="row">
            <input
              type="checkbox"
              checked={hours.holidays !== undefined}
              onChange={(e) => set({ holidays: e.target.checked ? '' : undefined })}
            />
            {t({ zh: '法定节假日另有时间', en: 'Other hours on public holidays' })}
            {hours.holidays !== undefined && (
              <Input
                aria-label={t({ zh: '法定节假日的时间', en: 'Hours on public holidays' })}
                value={hours.holidays}
                status={bad(hours.holidays)}
                placeholder={t({ zh: '不开', en: 'closed' })}
                onChange={(e) => set({ holidays: e.target.value })}
              />
            )}
          </label>
          {hours.exceptions.map((e, i) => (
            <div className="row" key={i}>
              <input
                type="date"
                aria-label={t({ zh: '日期', en: 'Date' })}
                value={e.date}
                onChange={(x) =>
                  set({ exceptions: hours.exceptions.with(i, { ...e, date: x.target.value }) })
                }
              />
              <Input
                aria-label={t({ zh: '当日时间', en: 'Hours of that date' })}
                value={e.times}
                status={bad(e.times)}
                placeholder={t({ zh: '当日不开', en: 'closed that day' })}
                onChange={(x) =>
                  set({ exceptions: hours.exceptions.with(i, { ...e, times: x.target.value }) })
                }
              />
              <Button onClick={() => set({ exceptions: hours.exceptions.toSpliced(i, 1) })}>
                {t({ zh: '去掉', en: 'Remove' })}
              </Button>
            </div>
          ))}
          <Button
            size="small"
            onClick={() => set({ exceptions: [...hours.exceptions, { date: '', times: '' }] })}
          >
            {t({ zh: '加一个例外日期', en: 'Add a date that differs' })}
          </Button>
        </div>
      )}
    </fieldset>
  )
}
