import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber } from 'antd'
import { useState } from 'react'
import { GetOrder, type Order } from '#capabilities/orders/contract.ts'
import {
  ActOnPart,
  AddPart,
  GetParts,
  StartProcess,
  type Part,
  type Parts as PartsOf,
} from '#capabilities/orders/parts.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { remaining, when } from '#web/shared/time.ts'
import { Failure } from '../shell/Say.tsx'
import { UnitPicker } from './Filters.tsx'
import { ProcessSteps } from './ProcessSteps.tsx'

const STATES = {
  waiting: { zh: '等上一步', en: 'Waits its turn' },
  sent: { zh: '待签收', en: 'To sign' },
  handling: { zh: '办理中', en: 'Being handled' },
  answered: { zh: '已答复', en: 'Answered' },
  waived: { zh: '已免除', en: 'Waived' },
} as const

const DOES = {
  sign: { zh: '签收', en: 'Sign' },
  answer: { zh: '答复主办', en: 'Answer the lead' },
  waive: { zh: '免除', en: 'Waive' },
} as const

/** Helpers' parts as everybody on the order sees them. */
export const useParts = (order: Order) =>
  useQuery({
    queryKey: [GetParts.id, order.id, order.version],
    queryFn: ({ signal }) => call(GetParts, { params: { id: order.id }, signal }),
    placeholderData: keepPreviousData,
  })

/** 主办/协办: who helps, with which part of it, by when, and what came back. */
export function Parts({ order, now }: { order: Order; now: number }) {
  const t = useWords()
  const parts = useParts(order)
  const client = useQueryClient()
  const [adding, setAdding] = useState(false)
  const done = (fresh: PartsOf) => {
    client.setQueryData([GetParts.id, order.id, order.version], fresh)
    void client.invalidateQueries({ queryKey: [GetOrder.id, order.id] })
  }
  const start = useMutation({
    mutationFn: () => call(StartProcess, { params: { id: order.id }, body: { id: clientId() } }),
    onSuccess: done,
  })
  const { data } = parts
  if (!data || (data.items.length === 0 && !data.process && !data.mayAdd)) return null
  return (
    <section className="card">
      <h2>{t({ zh: '协办', en: 'Helpers' })}</h2>
      {data.process && !data.process.started && (
        <details className="process">
          <summary>
            {t({ zh: '这类事有协同流程：', en: 'There is a process for this matter: ' })}
            <b>{t(data.process.process.name)}</b>
          </summary>
          <ProcessSteps process={data.process.process} />
        </details>
      )}
      {data.items.length > 0 && (
        <ol className="parts">
          {data.items.map((part) => (
            <OnePart key={part.id} order={order} part={part} now={now} onDone={done} />
          ))}
        </ol>
      )}
      {start.isError && <Failure error={start.error} />}
      <div className="row no-print">
        {data.mayStart && (
          <Button type="primary" loading={start.isPending} onClick={() => start.mutate()}>
            {t({ zh: '启动协同流程', en: 'Start the process' })}
          </Button>
        )}
        {data.mayAdd && !adding && (
          <Button onClick={() => setAdding(true)}>{t({ zh: '请协办单位', en: 'Ask a unit to help' })}</Button>
        )}
      </div>
      {adding && (
        <Add
          order={order}
          hasOpen={data.items.some((p) => p.endedAt === null)}
          onDone={(fresh) => {
            setAdding(false)
            done(fresh)
          }}
          onCancel={() => setAdding(false)}
        />
      )}
    </section>
  )
}

function OnePart({
  order,
  part,
  now,
  onDone,
}: {
  order: Order
  part: Part
  now: number
  onDone: (fresh: PartsOf) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const [asking, ask] = useState<'answer' | 'waive'>()
  const [note, setNote] = useState('')
  const act = useMutation({
    mutationFn: (action: Part['allowed'][number]) =>
      call(ActOnPart, {
        params: { id: order.id, part: part.id },
        body: { id: clientId(), action, ...(note.trim() && { note: note.trim() }) },
      }),
    onSuccess: (fresh) => {
      ask(undefined)
      onDone(fresh)
    },
  })
  const left = part.dueAt && !part.endedAt ? remaining(part.dueAt, now, language) : null
  return (
    <li className="part" data-state={part.state}>
      <div className="row">
        <span className="step">{part.step}</span>
        <b>{t(part.unit.name)}</b>
        <span className="state">{t(STATES[part.state])}</span>
        {left && (
          <span className={`left ${left.level}`}>
            {when(part.dueAt!, now, language)} · {left.text}
          </span>
        )}
        {part.late && <span className="overdue">{t({ zh: '已超时', en: 'Overdue' })}</span>}
        <span className="grow" />
        {part.allowed.map((a) => (
          <Button
            key={a}
            size="small"
            loading={act.isPending && act.variables === a}
            onClick={() => (a === 'sign' ? act.mutate(a) : ask(a))}
          >
            {t(DOES[a])}
          </Button>
        ))}
      </div>
      <div className="muted">{t(part.task)}</div>
      {part.answer && <p className="said-back">{part.answer}</p>}
      {part.waivedReason && (
        <p className="said-back muted">
          {t({ zh: '免除理由：', en: 'Waived: ' })}
          {part.waivedReason}
        </p>
      )}
      {asking && (
        <form
          className="action-form"
          onSubmit={(e) => {
            e.preventDefault()
            if (note.trim()) act.mutate(asking)
          }}
        >
          <Input.TextArea
            aria-label={t(DOES[asking])}
            placeholder={
              asking === 'answer'
                ? t({ zh: '办了什么（给主办单位）', en: 'What was done (for the lead)' })
                : t({ zh: '为什么不需要', en: 'Why it is not needed' })
            }
            value={note}
            maxLength={2000}
            autoSize={{ minRows: 2, maxRows: 6 }}
            onChange={(e) => setNote(e.target.value)}
          />
          <div className="row">
            <Button type="primary" htmlType="submit" disabled={!note.trim()} loading={act.isPending}>
              {t(DOES[asking])}
            </Button>
            <Button onClick={() => ask(undefined)}>{t({ zh: '取消', en: 'Cancel' })}</Button>
          </div>
        </form>
      )}
      {act.isError && <Failure error={act.error} />}
    </li>
  )
}

function Add({
  order,
  hasOpen,
  onDone,
  onCancel,
}: {
  order: Order
  hasOpen: boolean
  onDone: (fresh: PartsOf) => void
  onCancel: () => void
}) {
  const t = useWords()
  const [unitId, setUnitId] = useState<string>()
  const [task, setTask] = useState('')
  const [hours, setHours] = useState(4)
  const [after, setAfter] = useState(false)
  const add = useMutation({
    mutationFn: () =>
      call(AddPart, {
        params: { id: order.id },
        body: { id: clientId(), unitId: unitId!, task: task.trim(), minutes: Math.round(hours * 60), after },
      }),
    onSuccess: onDone,
  })
  const ready = unitId !== undefined && task.trim() !== ''
  return (
    <form
      className="action-form"
      onSubmit={(e) => {
        e.preventDefault()
        if (ready) add.mutate()
      }}
    >
      <UnitPicker
        label={t({ zh: '哪个单位协办', en: 'Which unit helps' })}
        place={order.placeCode}
        value={unitId}
        onChange={setUnitId}
      />
      <Input
        aria-label={t({ zh: '请它做什么', en: 'What it should do' })}
        placeholder={t({ zh: '请它做什么', en: 'What it should do' })}
        value={task}
        maxLength={500}
        onChange={(e) => setTask(e.target.value)}
      />
      <div className="row">
        <InputNumber
          aria-label={t({ zh: '几小时内', en: 'Within hours' })}
          min={0.5}
          max={720}
          step={0.5}
          value={hours}
          onChange={(n) => setHours(n ?? 4)}
        />
        <span>{t({ zh: '小时内', en: 'hours' })}</span>
        {hasOpen && (
          <Checkbox checked={after} onChange={(e) => setAfter(e.target.checked)}>
            {t({ zh: '等前面的办完再开始', en: 'After the others have ended' })}
          </Checkbox>
        )}
      </div>
      <div className="row">
        <Button type="primary" htmlType="submit" disabled={!ready} loading={add.isPending}>
          {t({ zh: '发出协办', en: 'Ask' })}
        </Button>
        <Button onClick={onCancel}>{t({ zh: '取消', en: 'Cancel' })}</Button>
      </div>
      {add.isError && <Failure error={add.error} />}
    </form>
  )
}
