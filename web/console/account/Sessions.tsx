import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Spin } from 'antd'
import {
  ListMySessions,
  RevokeMyOtherSessions,
  RevokeMySession,
  type SessionView,
} from '#capabilities/people/my-account.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { Failure } from '../shell/Say.tsx'
import { accountChanged } from './refresh.ts'

/** `now` is wall time: sessions live in it, whatever the city's clock says. */
function Row({
  session,
  now,
  onEnd,
  pending,
}: {
  session: SessionView
  now: number
  onEnd: () => void
  pending: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const at = (iso: string) => when(iso, now, language)
  const device = session.device || t({ zh: '未知设备', en: 'Unknown device' })
  return (
    <tr>
      <th scope="row">
        {device} {session.current && <b>{t({ zh: '（本次登录）', en: '(this one)' })}</b>}
      </th>
      <td className="mono">{session.address}</td>
      <td className="mono">{at(session.createdAt)}</td>
      <td className="mono">{at(session.seenAt)}</td>
      <td>
        {!session.current && (
          <Button
            size="small"
            onClick={onEnd}
            loading={pending}
            aria-label={`${t({ zh: '结束', en: 'End' })} ${device}`}
          >
            {t({ zh: '结束', en: 'End' })}
          </Button>
        )}
      </td>
    </tr>
  )
}

export function Sessions() {
  const t = useWords()
  const sessions = useQuery({
    queryKey: [ListMySessions.id],
    queryFn: ({ signal }) => call(ListMySessions, { signal }),
  })
  const end = useMutation({
    mutationFn: (id: string) => call(RevokeMySession, { params: { id } }),
    onSettled: accountChanged,
  })
  const endOthers = useMutation({
    mutationFn: () => call(RevokeMyOtherSessions, { body: {} }),
    onSettled: accountChanged,
  })
  return (
    <section className="card" aria-labelledby="account-sessions">
      <div className="row">
        <h2 id="account-sessions">{t({ zh: '我的登录', en: 'Where I am signed in' })}</h2>
        <span className="grow" />
        <Button
          onClick={() => endOthers.mutate()}
          loading={endOthers.isPending}
          disabled={(sessions.data?.items.length ?? 0) < 2}
        >
          {t({ zh: '结束其他全部登录', en: 'End all others' })}
        </Button>
      </div>
      {sessions.isPending && <Spin />}
      {sessions.isError && <Failure error={sessions.error} retry={() => void sessions.refetch()} />}
      {(end.isError || endOthers.isError) && <Failure error={end.error ?? endOthers.error} />}
      {sessions.data && (
        <div className="sessions">
          <table>
            <thead>
              <tr>
                <th scope="col">{t({ zh: '设备', en: 'Device' })}</th>
                <th scope="col">{t({ zh: '网络', en: 'Network' })}</th>
                <th scope="col">{t({ zh: '登录时间', en: 'Signed in' })}</th>
                <th scope="col">{t({ zh: '最近使用', en: 'Last seen' })}</th>
                <th scope="col">{t({ zh: '操作', en: 'Action' })}</th>
              </tr>
            </thead>
            <tbody>
              {sessions.data.items.map((session) => (
                <Row
                  key={session.id}
                  session={session}
                  now={sessions.dataUpdatedAt}
                  onEnd={() => end.mutate(session.id)}
                  pending={end.isPending && end.variables === session.id}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
