import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Alert, Button, Input, Segmented } from 'antd'
import { useEffect, useRef } from 'react'
import { ReceiveRequest, RecordCall, UnderstandText } from '#capabilities/requests/contract.ts'
import { call, NoAnswer } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { Answers } from '../policy/Answers.tsx'
import { useMay, useMe } from '../shell/me.ts'
import { NotForYou, problemText } from '../shell/Say.tsx'
import { useSettled } from '../shell/settled.ts'
import { useTitle } from '../shell/title.ts'
import { phoneFits, toBody, useDraft, type Draft } from './draft.ts'
import { Highlighted } from './Highlighted.tsx'
import { Saved } from './Saved.tsx'
import { Similar } from './Similar.tsx'
import { Understood } from './Understood.tsx'

export function IntakePage() {
  const may = useMay()
  return may('requests.receive') ? <Intake /> : <NotForYou />
}

const LINES = [
  { value: '12345', label: '12345' },
  { value: '96989', label: '96989' },
  { value: 'district', zh: '区热线', en: 'District' },
  { value: 'subdistrict', zh: '街镇热线', en: 'Subdistrict' },
] as const

function Intake() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const { data: me } = useMe()
  const { draft, set, clear, renew } = useDraft()
  const text = useRef<HTMLTextAreaElement>(null)
  useTitle(t({ zh: '诉求登记', en: 'Intake' }))

  const settled = useSettled(draft.text.trim(), 300)
  const understood = useQuery({
    queryKey: [UnderstandText.id, settled],
    queryFn: ({ signal }) => call(UnderstandText, { body: { text: settled }, signal }),
    enabled: settled.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const reading = settled.length >= 2 ? understood.data : undefined

  const recordCall = async (d: Draft) => {
    if (!may('calls.record')) return
    await call(RecordCall, {
      body: {
        id: d.callId,
        line: d.line,
        placeCode: d.placeCode ?? reading?.place?.code ?? me?.place?.code ?? '31',
        answered: true,
      },
    })
  }
  const save = useMutation({
    mutationFn: async (d: Draft) => {
      await recordCall(d)
      const { callId, ...body } = toBody(d)
      return call(ReceiveRequest, { body: may('calls.record') ? { ...body, callId } : body })
    },
    onSuccess: () => {
      clear()
      text.current?.focus()
    },
    onError: (error) => {
      if (!(error instanceof NoAnswer)) renew()
    },
  })
  const callOnly = useMutation({ mutationFn: recordCall, onSuccess: clear })

  useEffect(() => text.current?.focus(), [])
  const ready = draft.text.trim().length >= 2 && phoneFits(draft.phone)
  const send = () => {
    if (ready && !save.isPending) save.mutate(draft)
  }
  return (
    // Ctrl+Enter saves from any field of the call.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="intake"
      onKeyDown={(e) => {
        if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
          e.preventDefault()
          send()
        }
      }}
    >
      <div className="page-head">
        <h1>{t({ zh: '诉求登记', en: 'Intake' })}</h1>
        <Segmented
          aria-label={t({ zh: '来电线路', en: 'Line' })}
          name="line"
          value={draft.line}
          onChange={(line) => set({ line })}
          options={LINES.map((l) => ({ value: l.value, label: 'label' in l ? l.label : t(l) }))}
        />
        <span className="grow" />
        {may('calls.record') && (
          <Button
            onClick={() => callOnly.mutate(draft)}
            loading={callOnly.isPending}
            disabled={save.isPending}
          >
            {t({ zh: '只记来电（已答复）', en: 'Record the call only (answered)' })}
          </Button>
        )}
        <Button type="primary" onClick={send} disabled={!ready} loading={save.isPending}>
          {t({ zh: '登记并受理', en: 'Save the request' })} <kbd>ctrl+enter</kbd>
        </Button>
      </div>
      <output className="bar">
        {save.data ? (
          <Saved saved={save.data} />
        ) : callOnly.isSuccess ? (
          <span className="left green">{t({ zh: '来电已登记', en: 'The call is recorded' })}</span>
        ) : (
          <span className="muted">
            {t({
              zh: '边听边写，右侧显示读懂的内容，可逐项更正。',
              en: 'Write while you listen; what is understood appears at the right and can be corrected.',
            })}
          </span>
        )}
      </output>
      {(save.error ?? callOnly.error) && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemText(save.error ?? callOnly.error, language)}
          description={
            (save.error ?? callOnly.error) instanceof NoAnswer
              ? t({
                  zh: '内容还在，再按一次即可，不会重复。',
                  en: 'Nothing is lost: press again, it will not be taken twice.',
                })
              : undefined
          }
        />
      )}
      <div className="intake-columns">
        <div>
          <section className="card">
            <div className="pair">
              <label>
                {t({ zh: '来电人', en: 'Caller' })}
                <Input
                  value={draft.name}
                  maxLength={40}
                  onChange={(e) => set({ name: e.target.value })}
                  autoComplete="off"
                />
              </label>
              <label>
                {t({ zh: '手机', en: 'Mobile' })}
                <Input
                  value={draft.phone}
                  maxLength={11}
                  inputMode="numeric"
                  autoComplete="off"
                  status={phoneFits(draft.phone) ? '' : 'error'}
                  onChange={(e) => set({ phone: e.target.value.replace(/\D/g, '') })}
                />
              </label>
            </div>
            {!phoneFits(draft.phone) && draft.phone.length >= 11 && (
              <p className="left red">
                {t({
                  zh: '手机号应为 1 开头的 11 位',
                  en: 'A mobile number has 11 digits and begins with 1',
                })}
              </p>
            )}
            <label className="tall">
              {t({ zh: '诉求内容', en: 'What is said' })}
              <textarea
                ref={text}
                className="ant-input paper"
                rows={6}
                maxLength={2000}
                value={draft.text}
                onChange={(e) => set({ text: e.target.value })}
              />
            </label>
            <div className="reading" aria-live="polite">
              {reading ? (
                <Highlighted text={settled} words={reading.words} />
              ) : (
                <p className="muted">
                  {t({ zh: '读懂的词会标在这里。', en: 'Words that were understood are marked here.' })}
                </p>
              )}
            </div>
          </section>
          <Similar
            place={draft.placeCode ?? reading?.place?.code}
            element={draft.element ?? reading?.element?.id}
          />
        </div>
        <div>
          {understood.isError && (
            <Alert
              type="warning"
              showIcon
              title={t({
                zh: '暂时读不懂，可先手工填写，照样能登记',
                en: 'Reading is away: fill in by hand, saving works',
              })}
            />
          )}
          <Understood reading={reading} draft={draft} set={set} />
          <Answers text={settled} />
        </div>
      </div>
    </div>
  )
}
