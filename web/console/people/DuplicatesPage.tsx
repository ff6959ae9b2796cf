import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Input, Spin, type InputRef } from 'antd'
import { useState } from 'react'
import type { PersonRow } from '#capabilities/people/contract.ts'
import {
  DismissDuplicate,
  ListDuplicates,
  ListMerges,
  MergePeople,
  UndoMerge,
  type DuplicatePair,
  type Merge,
} from '#capabilities/people/merge.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'

const route = getRouteApi('/people/duplicates')
/** Shorter is no reason (people.merge). */
const REASON = 4

const changed = () => {
  void queryClient.invalidateQueries({ queryKey: [ListDuplicates.id] })
  void queryClient.invalidateQueries({ queryKey: [ListMerges.id] })
}

export function Facts({ person }: { person: PersonRow }) {
  const t = useWords()
  const sex =
    person.sex === 'male'
      ? t({ zh: '男', en: 'male' })
      : person.sex === 'female'
        ? t({ zh: '女', en: 'female' })
        : null
  return (
    <>
      <b lang="zh-CN">{person.nameMasked}</b>{' '}
      <span className="muted">
        {[sex, person.birthYear && t({ zh: `${person.birthYear} 年生`, en: `born ${person.birthYear}` })]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <div className="mono">
        {person.phoneMasked ?? t({ zh: '无电话', en: 'no telephone' })} ·{' '}
        {person.idNumberMasked ?? t({ zh: '无证件号码', en: 'no identity number' })}
      </div>
      <div className="muted">{person.place}</div>
    </>
  )
}

function Pair({ pair }: { pair: DuplicatePair }) {
  const t = useWords()
  const [keep, setKeep] = useState(pair.people[0]!.id)
  const [reason, setReason] = useState('')
  const [id] = useState(clientId)
  const merge = useMutation({
    mutationFn: () =>
      call(MergePeople, {
        body: {
          id,
          keeperId: keep,
          duplicateId: pair.people.find((p) => p.id !== keep)!.id,
          reason: reason.trim(),
        },
      }),
    onSuccess: changed,
  })
  const different = useMutation({
    mutationFn: () => call(DismissDuplicate, { params: { id: pair.id }, body: {} }),
    onSuccess: changed,
  })
  const why =
    pair.why === 'phone_name'
      ? t({ zh: '姓名和电话相同', en: 'The same name and telephone' })
      : t({ zh: '姓名、出生日期和住址相同', en: 'The same name, birth date and address' })
  return (
    <section className="card" aria-label={why}>
      <div className="muted">{why}</div>
      <fieldset className="pair">
        {pair.people.map((person, i) => (
          <label key={person.id}>
            <input
              type="radio"
              name={pair.id}
              checked={keep === person.id}
              onChange={() => setKeep(person.id)}
            />{' '}
            {i === 0
              ? t({ zh: '保留（登记较早）', en: 'Keep (registered first)' })
              : t({ zh: '保留', en: 'Keep' })}
            <div>
              <Facts person={person} />
            </div>
          </label>
        ))}
      </fieldset>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault()
          merge.mutate()
        }}
      >
        <Input
          aria-label={t({ zh: '合并理由', en: 'Why they are one person' })}
          placeholder={t({
            zh: '为什么是同一人（至少四个字）',
            en: 'Why they are one person (four characters or more)',
          })}
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
        <Button
          type="primary"
          htmlType="submit"
          disabled={reason.trim().length < REASON}
          loading={merge.isPending}
        >
          {t({ zh: '合并', en: 'Merge' })}
        </Button>
        <Button onClick={() => different.mutate()} loading={different.isPending}>
          {t({ zh: '不是同一人', en: 'Two people' })}
        </Button>
      </form>
      {(merge.error ?? different.error) && <Failure error={merge.error ?? different.error} />}
    </section>
  )
}

function MergeRow({ merge, now }: { merge: Merge; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const field = useFocusOnce<InputRef>()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const undo = useMutation({
    mutationFn: () => call(UndoMerge, { params: { id: merge.id }, body: { reason: reason.trim() } }),
    onSuccess: changed,
  })
  return (
    <tr>
      <td className="mono">{when(merge.at, now, language)}</td>
      <td>
        <Facts person={merge.keeper} />
      </td>
      <td>
        <Facts person={merge.duplicate} />
      </td>
      <td lang="zh-CN">
        {merge.reason}
        <div className="muted">{merge.by}</div>
      </td>
      <td className="n">{merge.moved}</td>
      <td>
        {merge.undoneAt ? (
          t({ zh: '已撤销', en: 'Undone' })
        ) : asking ? (
          <form
            className="row"
            onSubmit={(e) => {
              e.preventDefault()
              undo.mutate()
            }}
          >
            <Input
              ref={field}
              aria-label={t({ zh: '撤销理由', en: 'Why it is undone' })}
              placeholder={t({ zh: '撤销理由', en: 'Why it is undone' })}
              value={reason}
              onChange={(e) => setReason(e.target.value)}
            />
            <Button
              danger
              htmlType="submit"
              disabled={reason.trim().length < REASON}
              loading={undo.isPending}
            >
              {t({ zh: '撤销', en: 'Undo' })}
            </Button>
          </form>
        ) : (
          <Button onClick={() => setAsking(true)}>{t({ zh: '撤销合并', en: 'Undo the merge' })}</Button>
        )}
        {undo.error && <Failure error={undo.error} />}
      </td>
    </tr>
  )
}

function Merges({ place }: { place: string | undefined }) {
  const t = useWords()
  const now = useNow(30_000)
  const list = useQuery({
    queryKey: [ListMerges.id, place],
    queryFn: ({ signal }) => call(ListMerges, { query: place ? { place } : {}, signal }),
  })
  return (
    <section className="card" aria-labelledby="merges-title">
      <h2 id="merges-title">{t({ zh: '合并记录', en: 'Merges' })}</h2>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && (
        <p className="muted">{t({ zh: '还没有合并过。', en: 'Nothing was merged yet.' })}</p>
      )}
      {list.data && list.data.items.length > 0 && (
        <div className="scroll">
          <table className="list small">
            <thead>
              <tr>
                <th>{t({ zh: '时间', en: 'When' })}</th>
                <th>{t({ zh: '保留', en: 'Kept' })}</th>
                <th>{t({ zh: '并入', en: 'Merged into it' })}</th>
                <th>{t({ zh: '理由', en: 'Reason' })}</th>
                <th className="n">{t({ zh: '移动记录', en: 'Rows moved' })}</th>
                <th>{t({ zh: '操作', en: 'Action' })}</th>
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((m) => (
                <MergeRow key={m.id} merge={m} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** Records that may be one person: compare, merge with a reason, say that they are two, or undo. */
export function DuplicatesPage() {
  const t = useWords()
  const may = useMay()
  const { place } = route.useSearch()
  const navigate = useNavigate()
  useTitle(t({ zh: '疑似重复', en: 'Possible duplicates' }))
  const list = useQuery({
    queryKey: [ListDuplicates.id, place],
    queryFn: ({ signal }) => call(ListDuplicates, { query: place ? { place } : {}, signal }),
    enabled: may('people.merge'),
  })
  if (!may('people.merge')) return <NotForYou />
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '疑似重复', en: 'Possible duplicates' })}</h1>
        <Link to="/people" search={place ? { place } : {}}>
          {t({ zh: '回到名册', en: 'Back to the register' })}
        </Link>
      </div>
      <search className="filters" aria-label={t({ zh: '筛选', en: 'Filters' })}>
        <PlacePicker
          className="f-place"
          label={t({ zh: '地点', en: 'Place' })}
          value={place}
          onChange={(code) =>
            void navigate({ to: '/people/duplicates', search: code ? { place: code } : {}, replace: true })
          }
        />
      </search>
      <div className="stack">
        {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Spin className="waiting" />}
        {list.data?.items.length === 0 && (
          <Nothing title={t({ zh: '没有待核对的重复', en: 'Nothing to review' })}>
            {t({
              zh: '导入或登记时发现的疑似重复会列在这里。',
              en: 'Pairs that an import or a registration finds are listed here.',
            })}
          </Nothing>
        )}
        {list.data?.items.map((pair) => (
          <Pair key={pair.id} pair={pair} />
        ))}
        {list.data?.next && (
          <p className="muted">
            {t({ zh: '处理完这些后会出现更多。', en: 'More appear when these are decided.' })}
          </p>
        )}
        <Merges place={place} />
      </div>
    </>
  )
}
