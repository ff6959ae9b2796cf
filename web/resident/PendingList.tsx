import { go } from '#web/shared/address.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { usePending } from '#web/shared/outbox.ts'
import { keepDraft } from './draft.ts'
import { outbox, useSession } from './session.ts'

/** What this phone has written down and the city has not answered yet; always in sight until it is gone. */
export function PendingList() {
  const t = useWords()
  const language = useLanguage()
  const pending = usePending(outbox)
  const { owner, isResident, reachable } = useSession()
  if (pending.length === 0) return null
  return (
    <section className="pending" aria-live="polite">
      <h2>{t({ zh: `待发送（${pending.length}）`, en: `Waiting to be sent (${pending.length})` })}</h2>
      <p>
        {t({
          zh: '只存在这部手机上，还没有到达 12345。一送到就从手机上删除。',
          en: 'Kept on this phone only; it has not reached 12345 yet. It is removed from the phone once it has.',
        })}
      </p>
      <ul>
        {pending.map((p) => (
          <li key={p.id} className="card">
            <p>{p.title}</p>
            {p.refused && (
              <p className="bad" role="alert">
                {t({ zh: '没有被接受：', en: 'Not accepted: ' })}
                {language === 'zh' ? p.refused.titleZh : p.refused.title}
              </p>
            )}
            {p.owner !== null && p.owner !== owner && isResident && (
              <p className="bad">
                {t({
                  zh: '这是另一个人写的，请由那个人登录后送出。',
                  en: 'Another person wrote this; it is sent when that person signs in.',
                })}
              </p>
            )}
            <div className="row">
              {!isResident && (
                <button type="button" className="primary" onClick={() => go('/sign-in')}>
                  {t({ zh: '登录后送出', en: 'Sign in to send' })}
                </button>
              )}
              {isResident && !p.refused && (
                <button type="button" className="secondary" onClick={() => void outbox.flush(owner)}>
                  {reachable ? t({ zh: '现在送出', en: 'Send now' }) : t({ zh: '再试一次', en: 'Try again' })}
                </button>
              )}
              {p.path === '/api/my/requests' && (
                <button
                  type="button"
                  className="secondary"
                  onClick={() => {
                    // The id stays: should the city have it already, it is not filed twice.
                    keepDraft({ id: p.id, text: p.title, corrections: {} })
                    outbox.remove(p.id)
                    go('/ask')
                  }}
                >
                  {t({ zh: '拿回来改', en: 'Take back to change' })}
                </button>
              )}
              {p.refused && (
                <button type="button" className="secondary" onClick={() => outbox.remove(p.id)}>
                  {t({ zh: '删除', en: 'Remove' })}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
