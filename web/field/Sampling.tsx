import { go, useAddress } from '#web/shared/address.ts'
import { useWords } from '#web/shared/language.ts'
import type { Me } from '#web/shared/routes.ts'
import { Begin } from './Begin.tsx'
import { BoxPage } from './BoxPage.tsx'
import { Table } from './Table.tsx'
import { UnsentPage } from './UnsentPage.tsx'
import { useDay, type Field } from './field.ts'
import { openSession } from './records.ts'
import type { Sending } from './sending.ts'

/** Sampling, where this device and this tab can; else why not and what to do. */
export function Sampling({
  me,
  field,
  sending,
  reachable,
}: {
  me: Me
  field: Field
  sending: Sending
  reachable: boolean
}) {
  const t = useWords()
  if (field.is === 'ready') return <Ready me={me} field={field} sending={sending} reachable={reachable} />
  if (field.is === 'insecure')
    return (
      <div className="card bad" role="alert">
        <h1>{t({ zh: '这个地址不安全，不能采样', en: 'Not at this address' })}</h1>
        <p>
          {t({
            zh: '采样记录要先加密存在手机上，浏览器只在 https 地址允许。请打开 https 开头的地址（服务器启动时会显示，通常端口为 8443）。',
            en: 'Samples are kept encrypted on this device, which a browser allows at an https address only. Open the address that begins with https; the server names it when it starts, usually with port 8443.',
          })}
        </p>
      </div>
    )
  if (field.is === 'elsewhere')
    return (
      <div className="card">
        <h1>{t({ zh: '另一个窗口正在采样', en: 'Another tab is sampling' })}</h1>
        <p>
          {t({
            zh: '同一台手机只用一个窗口采样，免得一支管记两份。',
            en: 'One device samples in one tab, so that a tube is not recorded twice.',
          })}
        </p>
        <button type="button" className="big" onClick={field.takeOver}>
          {t({ zh: '改在这里采样', en: 'Sample here instead' })}
        </button>
      </div>
    )
  if (field.is === 'broken')
    return (
      <div className="card bad" role="alert">
        <p>
          {t({
            zh: '本机的存储打不开，记录没有丢。请重新打开浏览器；还不行，把手机交给负责人。',
            en: 'The storage of this device cannot be opened; nothing is lost. Open the browser again, or hand the device to whoever is in charge.',
          })}
        </p>
        <p className="muted">{field.why}</p>
      </div>
    )
  return <p>{t({ zh: '正在打开……', en: 'Opening …' })}</p>
}

function Ready({
  me,
  field,
  sending,
  reachable,
}: {
  me: Me
  field: Extract<Field, { is: 'ready' }>
  sending: Sending
  reachable: boolean
}) {
  const t = useWords()
  const { query } = useAddress()
  const { store, device, cityNow, cityMoment, sendNow } = field
  const day = useDay(store)
  const session = openSession(day)
  const view = query.get('view')
  if (view === 'unsent')
    return <UnsentPage day={day} store={store} sending={sending} cityNow={cityNow} sendNow={sendNow} />
  const from = view === 'begin' ? day.sessions.find((s) => s.id === query.get('from')) : undefined
  if (!session || from)
    return (
      <Begin
        me={me}
        device={device}
        store={store}
        cityNow={cityNow}
        reachable={reachable}
        from={from ?? null}
      />
    )
  return (
    <>
      <p className="where">
        <b>{session.address}</b>
        {!session.place.endsWith(session.address) && <span>{session.place}</span>}
      </p>
      {session.state === 'refused' && (
        <button type="button" className="big light bad" onClick={() => go('/field?tab=sampling&view=unsent')}>
          ✗ {t({ zh: '这个地点没有被接受，点这里改', en: 'This place was not accepted: correct it' })}
        </button>
      )}
      {view === 'box' ? (
        <BoxPage session={session} day={day} store={store} cityNow={cityNow} />
      ) : (
        <Table session={session} day={day} store={store} cityNow={cityNow} cityMoment={cityMoment} />
      )}
    </>
  )
}
