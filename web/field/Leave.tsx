import { useWords } from '#web/shared/language.ts'

/** Signing out with work unsent: nothing is lost, but nobody else can send it. */
export function Leave({
  unsent,
  onLeave,
  onStay,
}: {
  unsent: number
  onLeave: () => void
  onStay: () => void
}) {
  const t = useWords()
  return (
    <div className="card bad" role="alertdialog" aria-labelledby="leave-title">
      <h1 id="leave-title">{t({ zh: `还有 ${unsent} 件没送出`, en: `${unsent} not sent yet` })}</h1>
      <p>
        {t({
          zh: '退出后加密留在本机，只有您再次登录才能送出。最好等送完再退出。',
          en: 'They stay here, encrypted, and only you can send them after signing in again. Better wait until they are sent.',
        })}
      </p>
      <button type="button" className="big" onClick={onStay}>
        {t({ zh: '留下', en: 'Stay' })}
      </button>
      <button type="button" className="big light" onClick={onLeave}>
        {t({ zh: '仍然退出', en: 'Sign out all the same' })}
      </button>
    </div>
  )
}
