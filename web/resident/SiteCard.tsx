import { useState } from 'react'
import { useLanguage, useWords } from '#web/shared/language.ts'
import type { Site } from '#web/shared/routes.ts'
import { span, when } from '#web/shared/time.ts'

export const distance = (metres: number | null) =>
  metres === null
    ? null
    : metres < 1000
      ? `${Math.round(metres / 10) * 10} m`
      : `${(metres / 1000).toFixed(1)} km`

type Spot = { lng: number; lat: number; metres: number | null; name: string; place?: string }

/**
 * The telephone's own map, by what it understands; nothing of where the person is goes with it. Android reads `geo:`
 * (RFC 5870, WGS84). An iPhone does not, and its map takes coordinates in China for those of another datum, some 500 m
 * beside: it is asked for the address, near the spot. Undefined on anything else.
 */
export function mapAddress(of: Spot, address: string, device: { userAgent: string; maxTouchPoints: number }) {
  // An iPad says that it is a Macintosh.
  if (
    /iPhone|iPad|iPod/.test(device.userAgent) ||
    (/Macintosh/.test(device.userAgent) && device.maxTouchPoints > 1)
  )
    return `https://maps.apple.com/?${new URLSearchParams({
      q: `${of.place ?? ''} ${address || of.name}`.trim(),
      sll: `${of.lat},${of.lng}`,
    })}`
  return /Android|HarmonyOS/.test(device.userAgent)
    ? `geo:${of.lat},${of.lng}?q=${of.lat},${of.lng}(${encodeURIComponent(of.name)})`
    : undefined
}

/** Where it is: opened in the telephone's map where it has one, and to be copied into any other. */
export function Where({ of, address }: { of: Spot; address: string }) {
  const t = useWords()
  const [copied, setCopied] = useState<boolean>()
  const map = mapAddress(of, address, navigator)
  const whole = `${of.name} ${of.place ?? ''} ${address} (${of.lat}, ${of.lng})`
  const copy = () =>
    // Without https there is no clipboard: then it is shown, to be held and copied.
    Promise.resolve()
      .then(() => navigator.clipboard.writeText(whole))
      .then(
        () => setCopied(true),
        () => setCopied(false),
      )
  return (
    <>
      <p className="where">
        <span>
          {map ? (
            <a href={map}>{address || t({ zh: '在地图中打开', en: 'Open in a map' })}</a>
          ) : (
            address || `${of.lat}, ${of.lng}`
          )}
          {of.metres !== null && <strong> · {distance(of.metres)}</strong>}
        </span>
        <button type="button" className="copy" onClick={() => void copy()} aria-live="polite">
          {copied ? t({ zh: '✓ 已复制', en: '✓ copied' }) : t({ zh: '复制地址', en: 'Copy' })}
        </button>
      </p>
      {copied === false && (
        <p className="muted selectable">
          {t({ zh: '请长按复制：', en: 'Hold to copy: ' })}
          {whole}
        </p>
      )}
    </>
  )
}

const BUSY = {
  idle: { mark: '▁', zh: '不忙', en: 'Quiet', level: 'green' },
  busy: { mark: '▄', zh: '较忙', en: 'Busy', level: 'amber' },
  crowded: { mark: '█', zh: '排长队', en: 'Long line', level: 'red' },
} as const

/** How long somebody who comes now will wait, with how far off that may be. */
export function Wait({ site, now }: { site: Site; now: number }) {
  const t = useWords()
  const { queue } = site
  if (site.open === false) return null
  if (!queue)
    return (
      <p className="muted">{t({ zh: '排队情况还不知道', en: 'How long the line is is not known yet' })}</p>
    )
  const words = BUSY[queue.busy]
  const minutes = Math.round(queue.waitMinutes)
  const error = Math.max(1, Math.round(queue.errorMinutes))
  return (
    <p className="wait">
      <b className={words.level}>
        <span aria-hidden="true">{words.mark}</span> {t(words)}
      </b>{' '}
      {queue.atLeast
        ? t({ zh: `至少等 ${minutes} 分钟，可能更久`, en: `at least ${minutes} min, perhaps longer` })
        : minutes < 1
          ? t({ zh: '到了就能做', en: 'no wait' })
          : t({ zh: `约等 ${minutes} 分钟（±${error}）`, en: `about ${minutes} min (±${error})` })}
      {queue.basis === 'counted' && queue.countedAt && (
        <span className="muted">
          {t({
            zh: ` · ${when(queue.countedAt, now, 'zh')} 数到 ${queue.counted} 人`,
            en: ` · ${queue.counted} counted at ${when(queue.countedAt, now, 'en')}`,
          })}
        </span>
      )}
    </p>
  )
}

export const POOLING = {
  pooled: { zh: '混检', en: 'Pooled' },
  single: { zh: '单检', en: 'Single tube' },
  both: { zh: '单检、混检', en: 'Single or pooled' },
} as const
export const KIND = {
  fixed: { zh: '固定点', en: 'Fixed' },
  convenience: { zh: '便民点', en: 'Convenience' },
  mobile: { zh: '流动点', en: 'Mobile' },
} as const

const UNSURE = {
  hours: { zh: '开放时间没有读懂，请看原文', en: 'Opening hours not understood; see as published' },
  holiday: {
    zh: '节假日时间另行通知，请先问再去',
    en: 'Holiday hours are announced separately: ask before going',
  },
  make_up: {
    zh: '今天调休上班，开不开不知道，请先问再去',
    en: 'A weekend day worked for a holiday: hours not known, ask before going',
  },
} as const

export function SiteCard({ site, now, n }: { site: Site; now: number; n?: number }) {
  const t = useWords()
  const language = useLanguage()
  const published = site.hoursText && site.hoursText !== site.hoursSaid?.zh
  return (
    <article className="card site" id={n === undefined ? undefined : `site-${n}`}>
      <h3>
        {n !== undefined && <span className="site-n">{n}</span>}
        {site.name}
      </h3>
      <p>
        {site.open === true && (
          <b className="green">
            ● {t({ zh: '现在开放', en: 'Open now' })}
            {site.closesAt &&
              t({
                zh: `，${when(site.closesAt, now, 'zh')} 关`,
                en: `, closes ${when(site.closesAt, now, 'en')}`,
              })}
            {site.closesAt &&
              Date.parse(site.closesAt) - now < 45 * 60_000 &&
              t({
                zh: `（还剩 ${span(Date.parse(site.closesAt) - now, 'zh')}）`,
                en: ` (${span(Date.parse(site.closesAt) - now, 'en')} left)`,
              })}
            {site.always && t({ zh: '，24 小时', en: ', day and night' })}
          </b>
        )}
        {site.open === false && (
          <b className="closed">
            ○ {t({ zh: '现在不开', en: 'Closed now' })}
            {site.nextOpening &&
              t({
                zh: `，${when(site.nextOpening, now, 'zh')} 开`,
                en: `, opens ${when(site.nextOpening, now, 'en')}`,
              })}
          </b>
        )}
        {site.open === null && (
          <b className="amber">
            ? {t(UNSURE[site.unsure ?? 'hours'])}
            {site.nextOpening &&
              t({
                zh: `；${when(site.nextOpening, now, 'zh')} 起照常开`,
                en: `; open as usual from ${when(site.nextOpening, now, 'en')}`,
              })}
          </b>
        )}
      </p>
      <Wait site={site} now={now} />
      <Where of={site} address={site.address} />
      <p className="muted">
        {t(KIND[site.kind])} · {t(POOLING[site.pooling])}
        {site.hoursSaid && ` · ${t(site.hoursSaid)}`}
      </p>
      {(published || !site.hoursSaid) && site.hoursText && (
        <p className="muted" lang={language === 'zh' ? undefined : 'zh-CN'}>
          {t({ zh: '公布的时间：', en: 'As published: ' })}
          {site.hoursText}
        </p>
      )}
    </article>
  )
}
