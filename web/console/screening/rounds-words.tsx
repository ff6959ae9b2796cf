import { Popconfirm, Button } from 'antd'
import type { Progress, Round } from '#capabilities/screening/coverage.contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'

export const n = (x: number) => x.toLocaleString('en-US')

/** Some days after a day, `YYYY-MM-DD`. */
export const later = (day: string, days = 0) =>
  day === '' ? '' : new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

/** Never rounded up: what lacks one is not whole. */
export const share = (done: number, owing: number) => (Math.floor((done / owing) * 1000) / 10).toFixed(1)

/** How much is done, as a bar, in percent and in what lacks. */
export function Share({ done, owing, least = 90 }: { done: number; owing: number; least?: number }) {
  const t = useWords()
  return (
    <span className="coverage">
      <meter
        min={0}
        max={1}
        low={least / 200}
        high={least / 100}
        optimum={1}
        value={owing === 0 ? 0 : done / owing}
        aria-hidden
      />
      <b>{share(done, owing)} %</b>
      <span className="muted">{t({ zh: `缺 ${n(owing - done)}`, en: `${n(owing - done)} missing` })}</span>
    </span>
  )
}

export const targetWords = (target: Round['target']) => ({
  zh: `${target.hour}:00 前 ${target.percent} %`,
  en: `${target.percent} % by ${target.hour}:00`,
})

type Said = { shape: string; colour: 'green' | 'amber' | 'red' | 'closed'; zh: string; en: string }

/** A round against its target, in words, with a shape and a colour. */
export function targetState(p: Progress, now: number): Said {
  const by = {
    zh: p.targetBy ? when(p.targetBy, now, 'zh') : '',
    en: p.targetBy ? when(p.targetBy, now, 'en') : '',
  }
  const late = p.targetBy ? Date.parse(p.targetBy) - Date.parse(p.targetAt) : 0
  switch (p.state) {
    case 'open':
      return { shape: '○', colour: 'closed', zh: '还没开始', en: 'not begun' }
    case 'nothing':
      return { shape: '○', colour: 'closed', zh: '这天不用检测', en: 'nothing is owed that day' }
    case 'reached':
      return { shape: '✓', colour: 'green', zh: '已达目标', en: 'target reached' }
    case 'on_course':
      return {
        shape: '◷',
        colour: 'green',
        zh: `预计 ${by.zh} 达标`,
        en: `target will be reached at ${by.en}`,
      }
    case 'will_miss':
      return {
        shape: '▲',
        colour: 'amber',
        zh: `赶不上目标：预计 ${by.zh}，晚 ${span(late, 'zh')}`,
        en: `will miss the target: ${by.en}, ${span(late, 'en')} late`,
      }
    case 'unknown':
      return {
        shape: '▲',
        colour: 'amber',
        zh: '近来没有人来采，无法预计',
        en: 'nobody came lately: no forecast',
      }
    case 'missed':
      return p.targetBy
        ? {
            shape: '✕',
            colour: 'red',
            zh: `没有达标，预计 ${by.zh} 补上`,
            en: `target missed; will be reached at ${by.en}`,
          }
        : { shape: '✕', colour: 'red', zh: '没有达标', en: 'target missed' }
  }
}

export function TargetState({ of, now }: { of: Progress; now: number }) {
  const language = useLanguage()
  const said = targetState(of, now)
  return (
    <span className={`left ${said.colour}`}>
      <span aria-hidden>{said.shape}</span> {said[language]}
    </span>
  )
}

/** What a forecast supposes. */
export const assumed = (p: { since: string; lately: number }, now: number) => ({
  zh: `预计按 ${when(p.since, now, 'zh')} 以来应检的 ${n(p.lately)} 人次推算，假定一直照此速度、不停采`,
  en: `Forecast from the ${n(p.lately)} of those owing who came since ${when(p.since, now, 'en')}, if as many go on coming without a break`,
})

export function EndRoundButton({ title, run, busy }: { title: string; run: () => void; busy: boolean }) {
  const t = useWords()
  return (
    <Popconfirm
      title={t({ zh: `提前结束“${title}”？`, en: `End “${title}” early?` })}
      description={t({
        zh: '从今天起不再要求检测；之前欠的仍算漏检。',
        en: 'From today on it asks for nothing; what was missed before stays missed.',
      })}
      okText={t({ zh: '结束', en: 'End it' })}
      cancelText={t({ zh: '不结束', en: 'Keep it' })}
      onConfirm={run}
    >
      <Button size="small" loading={busy}>
        {t({ zh: '提前结束', en: 'End early' })}
      </Button>
    </Popconfirm>
  )
}
