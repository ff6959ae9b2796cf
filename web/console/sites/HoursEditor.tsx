import { Button, Input, InputNumber, Select } from 'antd'
import {
  Hours,
  readTimes,
  writeTimes,
  type Interval,
  type OpeningRules,
} from '#capabilities/sites/hours.contract.ts'
import type { SiteFacts } from '#capabilities/sites/contract.ts'
import { useWords, type Language } from '#web/shared/language.ts'

/** What holds on days of a kind: nothing of their own, the day of the week, told elsewhere, or times as typed (empty: closed). */
type Special = { how: 'as_usual' | 'week' | 'ask' | 'times'; times: string }

/** The hours as texts that are being typed. */
export type HoursTyped = {
  known: boolean
  always: boolean
  week: string[]
  turn: 'odd' | 'even' | 'every' | undefined
  every: { days: number | null; from: string }
  holidays: Special
  makeUp: Special
  exceptions: { date: string; times: string }[]
}

type Rules = NonNullable<OpeningRules | SiteFacts['hours']>

/** The hours as texts, in the language of the screen. */
export function fromHours(rules: Rules | null, language: Language): HoursTyped {
  const say = (intervals: readonly Interval[]) => writeTimes(intervals, language)
  const special = (given: Rules['holidays'] | Rules['makeUp']): Special =>
    given === undefined
      ? { how: 'as_usual', times: '' }
      : typeof given === 'string'
        ? { how: given, times: '' }
        : { how: 'times', times: say(given) }
  return {
    known: rules !== null,
    always: rules?.always ?? false,
    week: rules ? rules.week.map((day) => say(day)) : Array.from({ length: 7 }, () => ''),
    turn: rules?.every ? 'every' : rules?.parity,
    every: rules?.every ?? { days: 2, from: '' },
    holidays: special(rules?.holidays),
    makeUp: special(rules?.makeUp),
    exceptions: rules?.exceptions.map((e) => ({ date: e.date, times: say(e.intervals) })) ?? [],
  }
}

const DAY: Interval = [0, 1440]

/** What was typed as rules; null where hours are not known; undefined where something cannot be read. */
export function toHours(typed: HoursTyped): SiteFacts['hours'] | undefined {
  if (!typed.known) return null
  const special = ({ how, times }: Special) => (how === 'times' ? readTimes(times) : how)
  const holidays = special(typed.holidays)
  const makeUp = special(typed.makeUp)
  if (holidays === undefined || makeUp === undefined) return undefined
  // What cannot be read stays undefined and is refused here with everything else that is wrong.
  const rules = Hours.safeParse({
    always: typed.always,
    week: typed.week.map((text) => (typed.always ? [DAY] : readTimes(text))),
    ...(typed.turn === 'every' ? { every: typed.every } : typed.turn && { parity: typed.turn }),
    ...(holidays !== 'as_usual' && { holidays }),
    ...(makeUp !== 'as_usual' && { makeUp }),
    exceptions: typed.exceptions.map((e) => ({ date: e.date, intervals: readTimes(e.times) })),
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

const bad = (text: string) => (readTimes(text) === undefined ? ('error' as const) : undefined)

/** How it opens on days of a kind. */
function SpecialDays({
  label,
  options,
  value,
  onChange,
}: {
  label: { zh: string; en: string }
  options: readonly { value: Special['how']; label: { zh: string; en: string } }[]
  value: Special
  onChange: (next: Special) => void
}) {
  const t = useWords()
  return (
    <div className="row special">
      <label className="row">
        <span>{t(label)}</span>
        <Select
          aria-label={t(label)}
          className="group"
          value={value.how}
          onChange={(how) => onChange({ ...value, how })}
          options={options.map((o) => ({ value: o.value, label: t(o.label) }))}
        />
      </label>
      {value.how === 'times' && (
        <Input
          aria-label={t({ zh: `${label.zh}的时间`, en: `Hours: ${label.en.toLowerCase()}` })}
          value={value.times}
          status={bad(value.times)}
          placeholder={t({ zh: '不开', en: 'closed' })}
          onChange={(e) => onChange({ ...value, times: e.target.value })}
        />
      )}
    </div>
  )
}

const TIMES = { value: 'times', label: { zh: '另有时间', en: 'other hours' } } as const
const ASK = {
  value: 'ask',
  label: { zh: '另行通知（显示为不知道）', en: 'announced separately (shown as not known)' },
} as const

/** The week, alternate days, public holidays and days worked for them, and single dates that differ. An empty field is a closed day. */
export function HoursEditor({
  hours,
  onChange,
}: {
  hours: HoursTyped
  onChange: (next: HoursTyped) => void
}) {
  const t = useWords()
  const set = (change: Partial<HoursTyped>) => onChange({ ...hours, ...change })
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
            value={hours.turn}
            onChange={(turn) => set({ turn })}
            options={[
              { value: 'odd', label: t({ zh: '只在单号', en: 'Odd dates only' }) },
              { value: 'even', label: t({ zh: '只在双号', en: 'Even dates only' }) },
              { value: 'every', label: t({ zh: '每几天开一天', en: 'One day in so many' }) },
            ]}
          />
        )}
        {hours.known && hours.turn === 'every' && (
          <span className="row">
            {t({ zh: '每', en: 'one day in' })}
            <InputNumber
              aria-label={t({ zh: '几天一次', en: 'Days' })}
              min={2}
              max={60}
              precision={0}
              value={hours.every.days}
              onChange={(days) => set({ every: { ...hours.every, days } })}
            />
            {t({ zh: '天开一天，第一天是', en: 'from' })}
            <input
              type="date"
              aria-label={t({ zh: '第一天', en: 'First day' })}
              value={hours.every.from}
              onChange={(e) => set({ every: { ...hours.every, from: e.target.value } })}
            />
          </span>
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
          <SpecialDays
            label={{ zh: '法定节假日', en: 'Public holidays' }}
            options={[{ value: 'as_usual', label: { zh: '同平日', en: 'as in the week' } }, TIMES, ASK]}
            value={hours.holidays}
            onChange={(holidays) => set({ holidays })}
          />
          <SpecialDays
            label={{ zh: '调休上班的周末', en: 'Weekend days worked for a holiday' }}
            options={[
              { value: 'as_usual', label: { zh: '同工作日', en: 'as a working day' } },
              { value: 'week', label: { zh: '仍按周六、周日', en: 'still as Saturday or Sunday' } },
              TIMES,
              ASK,
            ]}
            value={hours.makeUp}
            onChange={(makeUp) => set({ makeUp })}
          />
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
