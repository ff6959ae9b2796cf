import { go } from '#web/shared/address.ts'
import { clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { Camera } from './Camera.tsx'
import { Label } from './Label.tsx'
import { NoticeLine } from './NoticeLine.tsx'
import { LEFT_OUT } from './advice.ts'
import type { DayStore } from './day.ts'
import { readScan } from './read.ts'
import { addToBox, beginBox, handOverBox, packBox, takeFromBox, unboxed } from './boxes.ts'
import { type Box, type Day, type Session, type Why } from './records.ts'
import { complete, good } from './signals.ts'
import { useNotice, useScans } from './use-scans.ts'

const packing = (day: Day, session: Session): Box | undefined =>
  day.boxes.find((b) => b.sessionId === session.id && b.state === 'packing')

/** Tubes into boxes: scan the box, then the tubes, or all of this session at once. */
export function BoxPage({
  session,
  day,
  store,
  cityNow,
}: {
  session: Session
  day: Day
  store: DayStore
  cityNow: () => Date
}) {
  const t = useWords()
  const [notice, say, no] = useNotice()
  const open = packing(day, session)
  const done = day.boxes.filter((b) => b.state !== 'packing')
  const free = unboxed(day, session.id)

  const begin = async (code: string) => {
    const why = await store.change((now) =>
      beginBox(
        now,
        { id: clientId(), owner: store.owner, madeAt: Date.now(), collectId: clientId() },
        session,
        code,
      ),
    )
    if (why) return no(why)
    good()
    say(true, { zh: `箱 ${code}，开始扫管`, en: `Box ${code}: now tubes` })
  }
  const put = async (box: Box, codes: readonly string[]) => {
    const why = await store.change((now) => addToBox(now, box.id, codes))
    if (why) return no(why)
    good()
    say(true, { zh: `装入 ${codes.length} 支`, en: `${codes.length} put in` })
  }
  const onText = (text: string) => {
    const read = readScan(text)
    if (read.is === 'nothing') return no(read.why)
    if (read.is === 'person') return no('not_here')
    const now = packing(store.get(), session)
    if (read.is === 'box') return now ? no('box_open') : begin(read.code)
    if (!now) return no('not_here')
    return put(now, [read.code])
  }
  const scans = useScans(onText)

  return (
    <section className="boxes">
      <NoticeLine notice={notice} />
      {open ? (
        <>
          <div className="tube-line">
            <span>{open.code}</span>
          </div>
          <div className="counter">
            <p className="number">
              <b>{open.tubes.length}</b>
              <span>{t({ zh: '支', en: open.tubes.length === 1 ? 'tube' : 'tubes' })}</span>
            </p>
          </div>
          {free.length > 0 && (
            <button
              type="button"
              className="big light"
              onClick={() =>
                void put(
                  open,
                  free.map((f) => f.code),
                )
              }
            >
              {t({ zh: `本场 ${free.length} 支全部装入`, en: `All ${free.length} of this session` })}
            </button>
          )}
          {open.tubes.length > 0 && (
            <button
              type="button"
              className="big huge go"
              onClick={() =>
                void store
                  .change((now) => packBox(now, open.id, cityNow().toISOString()))
                  .then((why) => {
                    if (why) return no(why)
                    complete()
                    say(true, { zh: `箱 ${open.code} 已装好`, en: `Box ${open.code} is packed` })
                  })
              }
            >
              {t({ zh: '装好封箱', en: 'Close the box' })}
            </button>
          )}
          <Camera onText={onText} />
          <Label
            key={scans}
            kind="T"
            store={store}
            onCode={(code) => void put(open, [code])}
            onRefused={no}
          />
          <ul className="codes">
            {open.tubes.map((code) => (
              <li key={code}>
                <span>{code}</span>
                <button
                  type="button"
                  className="light"
                  aria-label={t({ zh: `拿出 ${code}`, en: `Take out ${code}` })}
                  onClick={() =>
                    void store.change((now) => takeFromBox(now, open.id, code)).then((why) => why && no(why))
                  }
                >
                  {t({ zh: '拿出', en: 'Take out' })}
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <h1>{t({ zh: '扫箱码', en: 'Scan the box' })}</h1>
          <p className="muted">
            {t({
              zh: `本场还有 ${free.length} 支没装箱`,
              en: `${free.length} tubes of this session lie in no box`,
            })}
          </p>
          <Camera onText={onText} />
          <Label key={scans} kind="B" store={store} onCode={(code) => void begin(code)} onRefused={no} />
        </>
      )}
      {done.map((box) => (
        <PackedBox key={box.id} box={box} day={day} store={store} cityNow={cityNow} onRefused={no} />
      ))}
      <button type="button" className="big light" onClick={() => go('/field?tab=sampling')}>
        {t({ zh: '回去采样', en: 'Back to sampling' })}
      </button>
    </section>
  )
}

function PackedBox({
  box,
  day,
  store,
  cityNow,
  onRefused,
}: {
  box: Box
  day: Day
  store: DayStore
  cityNow: () => Date
  onRefused: (why: Why) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const held = day.tubes.filter(
    (u) => box.tubes.includes(u.code) && (u.state === 'refused' || u.state === 'mending'),
  )
  const state = {
    packing: { zh: '装箱中', en: 'packing' },
    waiting: { zh: '待发送', en: 'unsent' },
    short: { zh: '已送达，等其他设备上报', en: 'sent, waits for other devices' },
    sent: { zh: '已送达', en: 'sent' },
    refused: { zh: '没有被接受', en: 'not accepted' },
  }[box.state]
  return (
    <article className={`card ${box.state === 'refused' ? 'bad' : ''}`}>
      <p>
        <b>{box.code}</b> · {t({ zh: `${box.tubes.length} 支`, en: `${box.tubes.length} tubes` })} ·{' '}
        {t(state)}
        {box.collected !== 'no' && ` · ${t({ zh: '已取走', en: 'collected' })}`}
      </p>
      {box.state === 'waiting' && held.length > 0 && (
        <p className="amber">
          {t({
            zh: `先改好 ${held.length} 支被拒的管`,
            en: `Waits for ${held.length} refused tubes to be corrected`,
          })}
        </p>
      )}
      {box.refused && <p role="alert">{box.refused[language]}</p>}
      {box.left.map((l) =>
        l.why === 'unknown' && box.state === 'short' ? (
          <p key={l.code} className="amber">
            ◷ {l.code}{' '}
            {t({
              zh: '还没有上报：封管的设备一上报，会自动装入这个箱',
              en: 'not reported yet: it goes into this box by itself once its device has reported it',
            })}
          </p>
        ) : (
          <p key={l.code} className="red">
            ✗ {l.code} {t(LEFT_OUT[l.why] ?? { zh: l.why, en: l.why })}
          </p>
        ),
      )}
      {box.state !== 'refused' && box.collected === 'no' && (
        <button
          type="button"
          className="big light"
          onClick={() =>
            void store
              .change((now) => handOverBox(now, box.id, cityNow().toISOString()))
              .then((why) => why && onRefused(why))
          }
        >
          {t({ zh: '已交给取样车', en: 'Handed to the courier' })}
        </button>
      )}
    </article>
  )
}
