import { useCallback, useEffect, useState } from 'react'
import { useAddress } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { GetMe, type Me } from '#web/shared/routes.ts'
import { Live } from './Live.tsx'
import { Replay } from './Replay.tsx'
import { SignIn } from './SignIn.tsx'

const RETRY_MS = 5_000

export function App() {
  const t = useWords()
  const { query } = useAddress()
  const [me, setMe] = useState<Me | null>(null)
  const [away, setAway] = useState(false)
  const ask = useCallback(() => {
    call(GetMe)
      .then((said) => {
        setMe(said)
        setAway(false)
      })
      .catch(() => setAway(true))
  }, [])
  useEffect(ask, [ask])
  useEffect(() => {
    if (!away) return undefined
    const timer = setInterval(ask, RETRY_MS)
    return () => clearInterval(timer)
  }, [away, ask])

  if (!me) {
    return (
      <main className="centre">
        <p>
          {away
            ? t({
                zh: '服务器没有回应，每 5 秒再试一次',
                en: 'The server does not answer; trying again every 5 s',
              })
            : t({ zh: '正在连接……', en: 'Connecting …' })}
        </p>
      </main>
    )
  }
  if (!me.may['wall.read']?.length) return <SignIn onIn={setMe} signedIn={me.kind !== 'nobody'} />
  const day = query.get('replay')
  return day === null ? <Live onSignedOut={ask} /> : <Replay day={day} />
}
