import { useMutation, useQuery, type UseMutationResult } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { MoveTube, ReleaseBox } from '#capabilities/screening/custody.contract.ts'
import { GetLabBox, ListLabBoxes } from '#capabilities/screening/lab.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { TUBE_STATE_WORDS } from './lab-words.ts'
import { Outcome } from './Outcome.tsx'

/** What is done with a reason: nothing is sent without one. */
function Why<T>({
  label,
  example,
  sure,
  send,
  close,
}: {
  label: string
  example: string
  sure: string
  send: UseMutationResult<T, Error, string>
  close: () => void
}) {
  const t = useWords()
  const [note, setNote] = useState('')
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault()
        send.mutate(note.trim())
      }}
    >
      <Input
        aria-label={label}
        placeholder={example}
        maxLength={500}
        value={note}
        onChange={(e) => setNote(e.target.value)}
      />
      <Button danger htmlType="submit" disabled={note.trim().length < 2} loading={send.isPending}>
        {sure}
      </Button>
      <Button onClick={close}>{t({ zh: '取消', en: 'Cancel' })}</Button>
      {send.error && <Failure error={send.error} />}
    </form>
  )
}

/** A tube that cannot be tested, with the reason; its people are told to give another sample. */
function Reject({ tube }: { tube: string }) {
  const t = useWords()
  const [open, setOpen] = useState(false)
  const [id] = useState(clientId)
  const send = useMutation({
    mutationFn: (note: string) =>
      call(MoveTube, { params: { code: tube }, body: { id, kind: 'rejected', note } }),
    onSuccess: () => {
      for (const key of [GetLabBox.id, ListLabBoxes.id])
        void queryClient.invalidateQueries({ queryKey: [key] })
    },
  })
  if (!open)
    return (
      <Button
        size="small"
        aria-label={t({ zh: `拒收 ${tube}`, en: `Reject ${tube}` })}
        onClick={() => setOpen(true)}
      >
        {t({ zh: '拒收', en: 'Reject' })}
      </Button>
    )
  return (
    <Why
      label={t({ zh: '拒收原因', en: 'Why it is rejected' })}
      example={t({ zh: '原因，例：管裂、无液', en: 'Why, e.g. cracked, empty' })}
      sure={t({ zh: '确认拒收', en: 'Reject it' })}
      send={send}
      close={() => setOpen(false)}
    />
  )
}

/** A box that was received by mistake goes back on its way, with the reason. */
function Release({ box }: { box: string }) {
  const t = useWords()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [id] = useState(clientId)
  const send = useMutation({
    mutationFn: (note: string) => call(ReleaseBox, { params: { code: box }, body: { id, note } }),
    onSuccess: () => {
      void navigate({ to: '/labs', search: {}, replace: true })
      void queryClient.invalidateQueries({ queryKey: [ListLabBoxes.id] })
    },
  })
  if (!open)
    return (
      <Button onClick={() => setOpen(true)}>{t({ zh: '误签收，退回', en: 'Not ours: let it go' })}</Button>
    )
  return (
    <Why
      label={t({ zh: '退回原因', en: 'Why it is let go' })}
      example={t({ zh: '原因，例：应送另一实验室', en: 'Why, e.g. meant for another laboratory' })}
      sure={t({ zh: '确认退回', en: 'Let it go' })}
      send={send}
      close={() => setOpen(false)}
    />
  )
}

/** The tubes of the chosen box, with what stands; those that wait go into the form by one press. */
export function BoxTubes({ box, onTake }: { box: string; onTake: (tubes: string[]) => void }) {
  const t = useWords()
  const now = useNow(60_000)
  const got = useQuery({
    queryKey: [GetLabBox.id, box],
    queryFn: ({ signal }) => call(GetLabBox, { params: { code: box }, signal }),
  })
  if (got.error) return <Failure error={got.error} retry={() => void got.refetch()} />
  if (!got.data) return null
  const waiting = got.data.items.filter((i) => i.state === 'received').map((i) => i.code)
  return (
    <details className="box-tubes">
      <summary>
        {t({
          zh: `箱 ${box}：${got.data.tubes} 管，${waiting.length} 管待检测`,
          en: `Box ${box}: ${got.data.tubes} in it, ${waiting.length} to be tested`,
        })}
      </summary>
      {got.data.contested.map((c) => (
        <p key={c.lab} className="left amber">
          ▲{' '}
          {t({
            zh: `${c.lab} 也扫过这个箱（${when(c.at, now, 'zh')}）：若不该由本实验室检测，请退回`,
            en: `${c.lab} scanned this box too (${when(c.at, now, 'en')}): let it go if it is not yours to test`,
          })}
        </p>
      ))}
      {got.data.items.every((i) => i.outcome === null) && <Release box={box} />}
      <Button disabled={waiting.length === 0} onClick={() => onTake(waiting)}>
        {t({
          zh: `把待检测的 ${waiting.length} 管列入下表`,
          en: `Put the ${waiting.length} that wait into the form`,
        })}
      </Button>
      <ul className="tubes">
        {got.data.items.map((i) => (
          <li key={i.code}>
            <span className="mono">{i.code}</span>{' '}
            {i.outcome ? (
              <Outcome is={i.outcome} />
            ) : (
              <span className="muted">{t(TUBE_STATE_WORDS[i.state])}</span>
            )}
            {i.state === 'received' && <Reject tube={i.code} />}
          </li>
        ))}
      </ul>
    </details>
  )
}
