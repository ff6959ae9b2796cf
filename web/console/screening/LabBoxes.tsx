import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Input, Skeleton, type InputRef } from 'antd'
import { useState } from 'react'
import { MoveBox } from '#capabilities/screening/custody.contract.ts'
import { isLabel } from '#capabilities/screening/label.contract.ts'
import { ListLabBoxes } from '#capabilities/screening/lab.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { cleanLabel } from './lab-words.ts'

function Receive() {
  const t = useWords()
  const navigate = useNavigate()
  const input = useFocusOnce<InputRef>()
  const [typed, setTyped] = useState('')
  const [id, setId] = useState(clientId)
  const code = cleanLabel(typed)
  const receive = useMutation({
    mutationFn: (box: string) => call(MoveBox, { params: { code: box }, body: { id, kind: 'received' } }),
    onSuccess: (said) => {
      setTyped('')
      setId(clientId())
      void queryClient.invalidateQueries({ queryKey: [ListLabBoxes.id] })
      void navigate({ to: '/labs', search: { box: said.code }, replace: true })
      input.current?.focus()
    },
  })
  const fits = isLabel('B', code)
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        if (fits) receive.mutate(code)
      }}
    >
      <label htmlFor="box-label">{t({ zh: '扫描或输入箱码', en: 'Scan or type the label of a box' })}</label>
      <div className="row">
        <Input
          id="box-label"
          ref={input}
          className="scan mono"
          value={typed}
          maxLength={20}
          autoComplete="off"
          placeholder="B000000000000"
          status={code.length >= 13 && !fits ? 'error' : ''}
          onChange={(e) => setTyped(e.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={!fits} loading={receive.isPending}>
          {t({ zh: '签收', en: 'Receive' })}
        </Button>
      </div>
      <output className="said">
        {code.length >= 13 && !fits && (
          <span className="left red">
            ▲ {t({ zh: '箱码校验不符，请核对', en: 'The label does not check: look again' })}
          </span>
        )}
        {receive.data && typed === '' && (
          <span className="left green">
            ●{' '}
            {t({
              zh: `已签收 ${receive.data.code}，${receive.data.tubes} 管`,
              en: `Received ${receive.data.code}, ${receive.data.tubes} in it`,
            })}
          </span>
        )}
      </output>
      {receive.error && <Failure error={receive.error} />}
    </form>
  )
}

export function LabBoxes({ box }: { box: string | undefined }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const list = useQuery({
    queryKey: [ListLabBoxes.id],
    queryFn: ({ signal }) => call(ListLabBoxes, { signal }),
    refetchInterval: 30_000,
  })
  const waiting = list.data?.items.reduce((n, b) => n + b.waiting, 0) ?? 0
  return (
    <section className="card" aria-labelledby="boxes-title">
      <h2 id="boxes-title">
        {t({ zh: '收箱', en: 'Boxes' })}
        {waiting > 0 && (
          <span className="muted"> · {t({ zh: `${waiting} 管待检测`, en: `${waiting} to be tested` })}</span>
        )}
      </h2>
      <Receive />
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton active={false} paragraph={{ rows: 6 }} />}
      {list.data?.items.length === 0 && (
        <Nothing title={t({ zh: '还没有签收过箱', en: 'No box was received yet' })}>
          {t({ zh: '扫描箱码即可签收。', en: 'Scan the label of a box to receive it.' })}
        </Nothing>
      )}
      {list.data && list.data.items.length > 0 && (
        <table className="list small">
          <thead>
            <tr>
              <th>{t({ zh: '箱', en: 'Box' })}</th>
              <th>{t({ zh: '采样地点', en: 'Sampled at' })}</th>
              <th>{t({ zh: '签收', en: 'Received' })}</th>
              <th className="n">{t({ zh: '待检 / 全部', en: 'To test / all' })}</th>
            </tr>
          </thead>
          <tbody>
            {list.data.items.map((b) => (
              <tr key={b.code} className={b.code === box ? 'chosen' : undefined}>
                <td>
                  <Link
                    to="/labs"
                    search={{ box: b.code }}
                    replace
                    className="mono"
                    aria-current={b.code === box ? 'true' : undefined}
                  >
                    {b.code}
                  </Link>
                  {b.contested.length > 0 && (
                    <div className="left amber">▲ {t({ zh: '别处也扫过', en: 'Scanned elsewhere' })}</div>
                  )}
                </td>
                <td>{b.place}</td>
                <td className="mono">{when(b.receivedAt, now, language)}</td>
                <td className="n">
                  {b.waiting === 0 ? (
                    <span className="left green">✓ {b.tubes}</span>
                  ) : (
                    `${b.waiting} / ${b.tubes}`
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
