import { useMutation } from '@tanstack/react-query'
import { Button, Input, Popconfirm } from 'antd'
import { useState } from 'react'
import {
  ListEnactments,
  RetractPack,
  SignPack,
  SignRetraction,
  WithdrawPack,
  type Enactment,
} from '#capabilities/policy/packs.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'

const done = { onSuccess: () => void queryClient.invalidateQueries({ queryKey: [ListEnactments.id] }) }

/** Who signed and what is still to be signed; a retraction needs two people as well. */
export function Signing({ e }: { e: Enactment }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const [reason, setReason] = useState('')
  const params = { id: e.id }
  const sign = useMutation({ mutationFn: () => call(SignPack, { params, body: { hash: e.hash } }), ...done })
  const withdraw = useMutation({ mutationFn: () => call(WithdrawPack, { params, body: {} }), ...done })
  const retract = useMutation({
    mutationFn: () => call(RetractPack, { params, body: { reason: reason.trim() } }),
    ...done,
  })
  const signRetraction = useMutation({
    mutationFn: () => call(SignRetraction, { params, body: {} }),
    ...done,
  })
  const error = sign.error ?? withdraw.error ?? retract.error ?? signRetraction.error
  const mark = (name: string, at: string) => (
    <>
      {name} <span className="muted">{when(at, now, language)}</span>
    </>
  )
  return (
    <div className="signing">
      <dl>
        <dt>{t({ zh: '第一签', en: 'First signature' })}</dt>
        <dd>✓ {mark(e.proposed.by, e.proposed.at)}</dd>
        <dt>{t({ zh: '第二签', en: 'Second signature' })}</dt>
        <dd>
          {e.signed ? (
            <>✓ {mark(e.signed.by, e.signed.at)}</>
          ) : (
            t({ zh: '等待另一人签署', en: 'Waiting for another person' })
          )}
        </dd>
        <dt>{t({ zh: '理由', en: 'Reason' })}</dt>
        <dd lang="zh-CN">{e.reason}</dd>
        {e.retraction && (
          <>
            <dt>{t({ zh: '撤回', en: 'Retraction' })}</dt>
            <dd>
              {e.retraction.reason} · ✓ {mark(e.retraction.proposed.by, e.retraction.proposed.at)} ·{' '}
              {e.retraction.signed ? (
                <>✓ {mark(e.retraction.signed.by, e.retraction.signed.at)}</>
              ) : (
                t({ zh: '等待另一人签署', en: 'waiting for another person' })
              )}
            </dd>
          </>
        )}
        <dt>SHA-256</dt>
        <dd className="mono hash">{e.hash}</dd>
      </dl>
      <div className="row">
        {e.may.includes('sign') && (
          <Popconfirm
            title={t({
              zh: '您已看过差异，同意从生效时刻起执行？',
              en: 'You have read the difference and it shall hold from its instant?',
            })}
            okText={t({ zh: '签署', en: 'Sign' })}
            cancelText={t({ zh: '再看看', en: 'Not yet' })}
            onConfirm={() => sign.mutate()}
          >
            <Button type="primary" loading={sign.isPending}>
              {t({ zh: '签署启用（第二签）', en: 'Sign to enact (second of two)' })}
            </Button>
          </Popconfirm>
        )}
        {e.may.includes('withdraw') && (
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t({ zh: '撤下提议', en: 'Withdraw the proposal' })}
          </Button>
        )}
        {e.may.includes('retract') && (
          <>
            <Input
              aria-label={t({ zh: '撤回的理由', en: 'Reason for the retraction' })}
              placeholder={t({ zh: '为什么撤回', en: 'Why it is retracted' })}
              maxLength={1000}
              value={reason}
              onChange={(x) => setReason(x.target.value)}
            />
            <Button
              danger
              disabled={reason.trim().length < 2}
              loading={retract.isPending}
              onClick={() => retract.mutate()}
            >
              {t({ zh: '提出撤回（第一签）', en: 'Propose to retract (first of two)' })}
            </Button>
          </>
        )}
        {e.may.includes('sign_retraction') && (
          <Button danger loading={signRetraction.isPending} onClick={() => signRetraction.mutate()}>
            {t({ zh: '签署撤回（第二签）', en: 'Sign the retraction (second of two)' })}
          </Button>
        )}
      </div>
      {error && <Failure error={error} />}
    </div>
  )
}
