import { useCallback, useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { GetMyRecord, ListMyLooks, type Look, type MyRecord } from '#web/shared/routes.ts'
import { when } from '#web/shared/time.ts'
import { useSession } from './session.ts'

function LookCard({ look, now }: { look: Look; now: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <li className="card">
      <b>{t(look.what)}</b>
      <span>
        {look.unit && `${t(look.unit)} · `}
        {t(look.role)}
      </span>
      {look.purpose && (
        <span>
          {t({ zh: '用途：', en: 'Purpose: ' })}
          {t(look.purpose)}
        </span>
      )}
      {/* Wall time: the audit is dated by it. */}
      <time className="muted" dateTime={look.at}>
        {when(look.at, now, language)}
      </time>
      {look.requestId && (
        <a {...link(`/my/${look.requestId}`)}>{t({ zh: '这条诉求', en: 'The request it was about' })}</a>
      )}
    </li>
  )
}

/** What the city has registered of me. Numbers stay masked: a telephone is often read by more than one. */
const NEEDS = {
  bedridden: { zh: '长期卧床', en: 'bedridden' },
  night_shift: { zh: '夜班', en: 'night shift' },
} as const

function Registered() {
  const t = useWords()
  const [mine, setMine] = useState<MyRecord | null>(null)
  useEffect(() => {
    // The looks below say when the server does not answer; this part is then simply not there.
    call(GetMyRecord).then(setMine, () => undefined)
  }, [])
  if (!mine) return null
  const sex = mine.sex && t(mine.sex === 'male' ? { zh: '男', en: 'male' } : { zh: '女', en: 'female' })
  const lines: [string, string | number | null][] = [
    [t({ zh: '姓名', en: 'Name' }), mine.name],
    [t({ zh: '手机号', en: 'Telephone' }), mine.phoneMasked],
    [t({ zh: '证件号码', en: 'Identity number' }), mine.idNumberMasked],
    [t({ zh: '性别', en: 'Sex' }), sex],
    [
      t({ zh: '出生年月', en: 'Year and month of birth' }),
      mine.birthYear &&
        [mine.birthYear, ...(mine.birthMonth ? [String(mine.birthMonth).padStart(2, '0')] : [])].join('-'),
    ],
    [t({ zh: '所在区划', en: 'Place' }), mine.place],
    [t({ zh: '住址', en: 'Address' }), mine.residence],
    [t({ zh: '职业', en: 'Occupation' }), mine.occupation],
    [
      t({ zh: '特殊情况', en: 'Needs' }),
      mine.needs.map((need) => t(NEEDS[need])).join(t({ zh: '、', en: ', ' })) || null,
    ],
  ]
  return (
    <section className="card" aria-labelledby="my-record">
      <h2 id="my-record">{t({ zh: '我的登记信息', en: 'What is registered about me' })}</h2>
      <dl className="my-record">
        {lines.map(([word, value]) => (
          <div key={word}>
            <dt className="muted">{word}</dt>
            <dd>{value ?? t({ zh: '没有登记', en: 'not registered' })}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        {t({
          zh: '有误请到“有事请说”提出更正。',
          en: 'If something is wrong, ask the city to correct it with a request.',
        })}
      </p>
    </section>
  )
}

/** Who looked at my data: every look by somebody else, by post and purpose, newest first. */
export function MyData() {
  const t = useWords()
  const { me, isResident } = useSession()
  const [items, setItems] = useState<Look[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [now, setNow] = useState(0)
  const load = useCallback((after?: string) => {
    call(ListMyLooks, { query: after === undefined ? {} : { after } })
      .then((page) => {
        setItems((before) => (after === undefined ? page.items : [...(before ?? []), ...page.items]))
        setNext(page.next)
        setNow(Date.now())
        setFailed(false)
      })
      .catch(() => setFailed(true))
  }, [])
  useEffect(() => {
    if (isResident) load()
  }, [isResident, load])
  return (
    <>
      <h1>{t({ zh: '谁看过我的信息', en: 'Who looked at my data' })}</h1>
      <p className="muted">
        {t({
          zh: '别人每次查看您的诉求原话、登记信息或完整电话，都记在这里，谁也删不掉。这里写明岗位、用途和时间，不写工作人员的姓名。',
          en: 'Each time somebody else reads what you told the city, your record or your full number, it is written here and nobody can remove it: the post, the purpose and the time, not the employee’s name.',
        })}
      </p>
      {me && !isResident && (
        <p>
          <a className="button" {...link('/sign-in?then=/my/data')}>
            {t({ zh: '登录后查看', en: 'Sign in to see it' })}
          </a>
        </p>
      )}
      {isResident && <Registered />}
      {failed && (
        <p className="bad" role="alert">
          {t({ zh: '没有取到。', en: 'Could not be loaded. ' })}
          <button type="button" className="plain" onClick={() => load()}>
            {t({ zh: '再试一次', en: 'Try again' })}
          </button>
        </p>
      )}
      {items?.length === 0 && (
        <p>{t({ zh: '还没有人看过您的信息。', en: 'Nobody has looked at your data yet.' })}</p>
      )}
      {items && items.length > 0 && (
        <ul className="looks">
          {items.map((look) => (
            <LookCard key={look.id} look={look} now={now} />
          ))}
        </ul>
      )}
      {next && (
        <button type="button" className="secondary" onClick={() => load(next)}>
          {t({ zh: '更早的', en: 'Earlier ones' })}
        </button>
      )}
    </>
  )
}
