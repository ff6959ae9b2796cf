import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Input, Spin } from 'antd'
import { useState } from 'react'
import { FindPerson, ListPeople, type PersonRow } from '#capabilities/people/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useMay, useOwnPlace } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { ExportForm } from './ExportForm.tsx'
import { Reveal } from './Reveal.tsx'

const route = getRouteApi('/people')

function PeopleTable({ people, mayReveal }: { people: PersonRow[]; mayReveal: boolean }) {
  const t = useWords()
  const [open, setOpen] = useState<string | null>(null)
  return (
    <div className="scroll">
      <table className="list">
        <thead>
          <tr>
            <th>{t({ zh: '姓名', en: 'Name' })}</th>
            <th>{t({ zh: '电话', en: 'Telephone' })}</th>
            <th>{t({ zh: '证件号码', en: 'Identity number' })}</th>
            <th>{t({ zh: '性别、出生年', en: 'Sex, born' })}</th>
            <th>{t({ zh: '住址区划', en: 'Place' })}</th>
            {mayReveal && <th>{t({ zh: '完整信息', en: 'In full' })}</th>}
          </tr>
        </thead>
        <tbody>
          {people.map((p) => (
            <tr key={p.id}>
              <td lang="zh-CN">
                {p.nameMasked}
                {p.simulated && <span className="muted"> {t({ zh: '模拟', en: 'simulated' })}</span>}
              </td>
              <td className="mono">{p.phoneMasked ?? '—'}</td>
              <td className="mono">{p.idNumberMasked ?? '—'}</td>
              <td>
                {[
                  p.sex && t(p.sex === 'male' ? { zh: '男', en: 'male' } : { zh: '女', en: 'female' }),
                  p.birthYear,
                ]
                  .filter(Boolean)
                  .join(' · ') || '—'}
              </td>
              <td>{p.place}</td>
              {mayReveal && (
                <td>
                  {open === p.id ? (
                    <Reveal personId={p.id} close={() => setOpen(null)} />
                  ) : (
                    <Button onClick={() => setOpen(p.id)}>
                      {t({ zh: '按用途查看', en: 'Show for a purpose' })}
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The register of a place, masked; a whole telephone finds its person, a part finds nobody. */
export function PeoplePage() {
  const t = useWords()
  const may = useMay()
  const search = route.useSearch()
  const navigate = useNavigate()
  const [number, setNumber] = useState('')
  const [exporting, setExporting] = useState(false)
  const own = useOwnPlace()
  useTitle(t({ zh: '人员名册', en: 'People' }))
  const list = useInfiniteQuery({
    queryKey: [ListPeople.id, search.place],
    queryFn: ({ pageParam, signal }) =>
      call(ListPeople, {
        query: { ...(search.place && { place: search.place }), ...(pageParam && { after: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: may('people.read'),
  })
  const find = useMutation({
    gcTime: 0,
    mutationFn: (body: { phone: string } | { idNumber: string }) => call(FindPerson, { body }),
  })
  if (!may('people.read')) return <NotForYou />
  const people = find.data?.items ?? list.data?.pages.flatMap((p) => p.items)
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '人员名册', en: 'People' })}</h1>
        <span className="grow" />
        {may('sampling.codes') && (
          <Link to="/people/codes" search={search}>
            {t({ zh: '纸质采样码', en: 'Paper codes' })}
          </Link>
        )}
        {may('people.merge') && (
          <Link to="/people/duplicates" search={search}>
            {t({ zh: '疑似重复', en: 'Possible duplicates' })}
          </Link>
        )}
        {may('people.import') && <Link to="/people/import">{t({ zh: '导入名册', en: 'Import' })}</Link>}
        {may('people.export') && (
          <Button onClick={() => setExporting(true)} aria-expanded={exporting}>
            {t({ zh: '导出', en: 'Export' })}
          </Button>
        )}
      </div>
      {exporting && <ExportForm place={search.place ?? own ?? '31'} close={() => setExporting(false)} />}
      <search className="filters" aria-label={t({ zh: '筛选', en: 'Filters' })}>
        <PlacePicker
          className="f-place"
          label={t({ zh: '地点', en: 'Place' })}
          value={search.place}
          onChange={(place) => {
            find.reset()
            void navigate({ to: '/people', search: place ? { place } : {}, replace: true })
          }}
        />
        <form
          className="row"
          onSubmit={(e) => {
            e.preventDefault()
            find.mutate(number.length === 11 ? { phone: number } : { idNumber: number })
          }}
        >
          <Input
            aria-label={t({ zh: '完整手机号或身份证号', en: 'Whole mobile or identity number' })}
            placeholder={t({ zh: '完整手机号或身份证号', en: 'Whole mobile or identity number' })}
            autoComplete="off"
            maxLength={18}
            value={number}
            onChange={(e) => setNumber(e.target.value.replace(/[^\dXx]/g, ''))}
          />
          <Button htmlType="submit" disabled={![11, 18].includes(number.length)} loading={find.isPending}>
            {t({ zh: '查找', en: 'Find' })}
          </Button>
          {find.data && (
            <Button onClick={() => find.reset()}>{t({ zh: '回到名册', en: 'Back to the register' })}</Button>
          )}
        </form>
      </search>
      {(find.error ?? list.error) && (
        <Failure error={find.error ?? list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Spin className="waiting" />}
      {people?.length === 0 && (
        <Nothing title={t({ zh: '没有找到人', en: 'Nobody was found' })}>
          {t({
            zh: '换一个地点，或核对手机号；不在您辖区的人这里查不到。',
            en: 'Try another place or check the number; people outside your place are not found here.',
          })}
        </Nothing>
      )}
      {people && people.length > 0 && <PeopleTable people={people} mayReveal={may('people.reveal')} />}
      {!find.data && list.hasNextPage && (
        <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t({ zh: '更多', en: 'More' })}
        </Button>
      )}
    </>
  )
}
