import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { flushSync } from 'react-dom'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Checkbox, Spin } from 'antd'
import { useState } from 'react'
import { Need, SetNeeds } from '#capabilities/people/needs.contract.ts'
import {
  CountMissing,
  ExportMissing,
  HEALTH_GROUPS,
  ListMissing,
  SendToDoor,
  type Groups,
  type Missing,
  type MissedGroup,
} from '#capabilities/screening/missing.contract.ts'
import type { Problem } from '#kernel/contract.ts'
import { ApiError, call, clientId, NoAnswer } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { save } from '../shell/csv.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'
import { ReportFor } from './ReportFor.tsx'
import './rounds.css'

const route = getRouteApi('/rounds')

const GROUPS: Record<MissedGroup, { zh: string; en: string }> = {
  no_phone: { zh: '没有手机', en: 'No telephone' },
  bedridden: { zh: '长期卧床', en: 'Bedridden' },
  night_shift: { zh: '夜班', en: 'Night shift' },
  old_age: { zh: '高龄', en: 'Old people' },
  newborn: { zh: '新生儿', en: 'Newborns' },
  no_document: { zh: '没有证件号码', en: 'No identity number' },
  met: { zh: '采样现场才登记', en: 'First met at a sampling table' },
  city_service: { zh: '城市运行人员', en: 'City-service workers' },
}
/** Somebody registered before the month was kept. */
const BY_YEAR = { zh: '可能是新生儿（只知出生年）', en: 'may be a newborn (year of birth only)' }
const NEEDS: Record<Need, { zh: string; en: string }> = {
  bedridden: { zh: '卧床', en: 'bedridden' },
  night_shift: { zh: '夜班', en: 'night shift' },
}

const n = (x: number) => x.toLocaleString('en-US')
const changed = () => {
  void queryClient.invalidateQueries({ queryKey: [CountMissing.id] })
  void queryClient.invalidateQueries({ queryKey: [ListMissing.id] })
}

function GroupRow({ place, of, isToday }: { place: string; of: Groups['groups'][number]; isToday: boolean }) {
  const t = useWords()
  const may = useMay()
  const { group: chosen, ...search } = route.useSearch()
  const words = GROUPS[of.group]
  const sent = useMutation({
    mutationFn: () => call(SendToDoor, { body: { placeCode: place, group: of.group } }),
    onSuccess: changed,
  })
  const orderId = sent.data?.orderId ?? of.orderId
  const isChosen = chosen === of.group
  return (
    <tr className={isChosen ? 'chosen' : undefined}>
      <td>
        <Link
          to="/rounds"
          search={isChosen ? search : { ...search, group: of.group }}
          aria-current={isChosen ? 'true' : undefined}
        >
          {t(words)}
        </Link>
      </td>
      <td className="n">{n(of.owing)}</td>
      <td className="n">
        {of.missing > 0 ? (
          <b className="left amber">▲ {n(of.missing)}</b>
        ) : (
          <span className="left green">✓ 0</span>
        )}
      </td>
      <td>
        {orderId ? (
          <Link to="/orders/$id" params={{ id: orderId }}>
            {t({ zh: '已派上门：看工单', en: 'A team was sent: see the order' })}
          </Link>
        ) : (
          isToday &&
          may('screening.door') &&
          of.missing > 0 && (
            <Button size="small" loading={sent.isPending} onClick={() => sent.mutate()}>
              {t({ zh: `派队上门（${n(of.missing)} 人）`, en: `Send a team to the door (${n(of.missing)})` })}
            </Button>
          )
        )}
        {sent.error && <Failure error={sent.error} />}
      </td>
    </tr>
  )
}

/** What somebody still owes, the single tube first: it is the one that cannot wait. */
function Owes({ of }: { of: Missing }) {
  const t = useWords()
  const words = [
    of.single && t({ zh: '上门单管', en: 'single tube at home' }),
    of.pcr > 0 && !of.single && t({ zh: '核酸', en: 'PCR' }),
    of.antigen > 0 && t({ zh: `抗原 ${of.antigen} 次`, en: `${of.antigen} antigen` }),
  ].filter(Boolean)
  return <span className={of.single ? 'left red' : undefined}>{words.join(t({ zh: '、', en: ', ' }))}</span>
}

function Person({ of }: { of: Missing }) {
  const t = useWords()
  const may = useMay()
  const [reporting, setReporting] = useState(false)
  const set = useMutation({
    mutationFn: (needs: Need[]) => call(SetNeeds, { params: { id: of.personId }, body: { needs } }),
    onSuccess: changed,
    onError: () => setSaid(null),
  })
  // Shown at once; a refusal puts back what stands.
  const [said, setSaid] = useState<Need[] | null>(null)
  const needs = said ?? of.needs
  return (
    <tr>
      <td lang="zh-CN">{of.nameMasked}</td>
      <td className="mono">{of.phoneMasked ?? '—'}</td>
      <td>{of.place}</td>
      <td>
        <Owes of={of} />
        {of.antigen > 0 && may('antigen.report') && !reporting && (
          <Button size="small" type="link" onClick={() => setReporting(true)}>
            {t({ zh: '代报抗原', en: 'Report for them' })}
          </Button>
        )}
        {reporting && (
          <ReportFor
            personId={of.personId}
            done={() => {
              setReporting(false)
              changed()
            }}
          />
        )}
      </td>
      <td>
        {of.groups
          .filter((g) => g !== 'bedridden' && g !== 'night_shift')
          .map((g) => (g === 'newborn' && of.byYear ? t(BY_YEAR) : t(GROUPS[g])))
          .join(t({ zh: '、', en: ', ' })) || '—'}
      </td>
      <td>
        {of.maySetNeeds ? (
          <Checkbox.Group
            value={needs}
            options={Need.options.map((need) => ({ value: need, label: t(NEEDS[need]) }))}
            onChange={(next) => {
              setSaid(next)
              set.mutate(next)
            }}
          />
        ) : (
          needs.map((need) => t(NEEDS[need])).join(t({ zh: '、', en: ', ' })) || '—'
        )}
        {set.error && <Failure error={set.error} />}
      </td>
    </tr>
  )
}

type Asked = { place: string; day: string; group?: MissedGroup }

async function everybodyOf(asked: Asked): Promise<Missing[]> {
  const all: Missing[] = []
  let after: string | undefined
  do {
    const page = await call(ListMissing, { query: { ...asked, limit: 200, ...(after && { after }) } })
    all.push(...page.items)
    after = page.next ?? undefined
  } while (after)
  return all
}

async function fetchFile(asked: Asked): Promise<void> {
  const answer = await fetch(ExportMissing.path, {
    method: ExportMissing.method,
    headers: { 'content-type': 'application/json', 'accept-language': document.documentElement.lang },
    body: JSON.stringify({ id: clientId(), ...asked }),
  }).catch(() => {
    throw new NoAnswer('no answer')
  })
  if (!answer.ok) throw new ApiError((await answer.json()) as Problem)
  save(`missing-${asked.place}-${asked.day}.csv`, await answer.blob())
}

/** Who of a place has not done what they owe: by group easily missed, then one by one. */
export function MissingList({ place, day, isToday }: { place: string; day: string; isToday: boolean }) {
  const t = useWords()
  const may = useMay()
  const { group } = route.useSearch()
  const counts = useQuery({
    queryKey: [CountMissing.id, place, day],
    queryFn: ({ signal }) => call(CountMissing, { query: { place, day }, signal }),
    refetchInterval: 30_000,
  })
  const list = useInfiniteQuery({
    queryKey: [ListMissing.id, place, day, group],
    queryFn: ({ pageParam, signal }) =>
      call(ListMissing, { query: { place, day, group, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next ?? undefined,
  })
  const isHealth = group !== undefined && (HEALTH_GROUPS as readonly string[]).includes(group)
  const file = useMutation({
    gcTime: 0,
    mutationFn: () => fetchFile({ place, day, ...(group && { group }) }),
  })
  // On paper stands everybody, not the pages that happen to be open.
  const [onPaper, setOnPaper] = useState<Missing[] | null>(null)
  const paper = useMutation({
    gcTime: 0,
    mutationFn: () => everybodyOf({ place, day, ...(group && { group }) }),
    onSuccess: (all) => {
      flushSync(() => setOnPaper(all))
      print()
      setOnPaper(null)
    },
  })
  const items = onPaper ?? list.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <>
      {counts.data && (
        <section className="card groups-card">
          <h2>{t({ zh: '易漏人群', en: 'Groups easily missed' })}</h2>
          <table className="list small groups">
            <thead>
              <tr>
                <th>{t({ zh: '人群', en: 'Group' })}</th>
                <th className="n">{t({ zh: '应做', en: 'Owing' })}</th>
                <th className="n">{t({ zh: '未做', en: 'Not done' })}</th>
                <th>{t({ zh: '上门', en: 'At the door' })}</th>
              </tr>
            </thead>
            <tbody>
              {counts.data.groups.map((g) => (
                <GroupRow key={g.group} place={place} of={g} isToday={isToday} />
              ))}
            </tbody>
          </table>
          <p className="muted">
            {counts.data.newbornByYear > 0 &&
              t({
                zh: `新生儿中有 ${n(counts.data.newbornByYear)} 人只知出生年，可能已经大一些。`,
                en: `Of the newborns ${n(counts.data.newbornByYear)} are known by the year of birth alone and may be older. `,
              })}
            {t({
              zh: `登记册里没有、也没到过采样点的人，不在任何名单上，须上门摸排。登记册原先没有、在本地采样现场才登记的：今天 ${n(counts.data.met.today)} 人，累计 ${n(counts.data.met.all)} 人。`,
              en: `Whoever is in no register and never came to a table is in no list: they are found from door to door. First met at a sampling table here: ${n(counts.data.met.today)} today, ${n(counts.data.met.all)} in all.`,
            })}
          </p>
        </section>
      )}
      {counts.error && <Failure error={counts.error} retry={() => void counts.refetch()} />}
      <section className="card">
        <div className="row">
          <h2>
            {group
              ? t({ zh: `${GROUPS[group].zh}：还没有做的人`, en: `${GROUPS[group].en}: not done yet` })
              : t({ zh: '还没有做的人', en: 'Not done yet' })}
            {counts.data && (
              <span className="muted">
                {' '}
                {n(group ? counts.data.groups.find((g) => g.group === group)!.missing : counts.data.all)}
              </span>
            )}
          </h2>
          {group && (
            <Link to="/rounds" search={({ group: _group, ...s }) => s}>
              {t({ zh: '看全部', en: 'Show everybody' })}
            </Link>
          )}
          <span className="grow" />
          {may('sampling.codes') && (
            <Link className="no-print" to="/people/codes" search={{ place }}>
              {t({ zh: '打印纸质采样码', en: 'Print paper codes' })}
            </Link>
          )}
          <Button
            disabled={isHealth || items.length === 0}
            title={
              isHealth
                ? t({
                    zh: '健康情况不进脱敏文件，请打印',
                    en: 'Nothing of health in a masked file: print it',
                  })
                : t({ zh: '脱敏，留痕，不含卧床、夜班', en: 'Masked, audited, without needs' })
            }
            loading={file.isPending}
            onClick={() => file.mutate()}
          >
            {t({ zh: '导出名单 CSV', en: 'Export the list' })}
          </Button>
          <Button disabled={items.length === 0} loading={paper.isPending} onClick={() => paper.mutate()}>
            {t({ zh: '打印全部', en: 'Print all' })}
          </Button>
        </div>
        {(file.error ?? paper.error) && <Failure error={file.error ?? paper.error} />}
        <p className="muted no-print">
          {t({
            zh: '姓名、电话已脱敏；看到、打印、导出的每个人都会在“谁看过我的数据”里看到。',
            en: 'Names and telephones are masked; everybody shown, printed or exported sees it under “who looked at my data”.',
          })}
        </p>
        {counts.data && !group && counts.data.all > 0 && (
          <p className="muted">
            {t({
              zh: `核酸 ${n(counts.data.pcr)} 人${counts.data.recalled > 0 ? `（其中计划以外的追阳 ${n(counts.data.recalled)} 人）` : ''}，抗原 ${n(counts.data.antigen)} 次`,
              en: `PCR ${n(counts.data.pcr)}${counts.data.recalled > 0 ? ` (${n(counts.data.recalled)} of them called back beyond the plan)` : ''}, antigen ${n(counts.data.antigen)}`,
            })}
          </p>
        )}
        {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Spin />}
        {list.data && items.length === 0 && (
          <Nothing title={t({ zh: '没有人缺', en: 'Nobody is missing' })} />
        )}
        {items.length > 0 && (
          <table className="list">
            <thead>
              <tr>
                <th>{t({ zh: '姓名', en: 'Name' })}</th>
                <th>{t({ zh: '电话', en: 'Telephone' })}</th>
                <th>{t({ zh: '住处', en: 'Home' })}</th>
                <th>{t({ zh: '还欠', en: 'Still owes' })}</th>
                <th>{t({ zh: '易漏', en: 'Easily missed' })}</th>
                <th>{t({ zh: '特殊情况', en: 'Needs' })}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((p) => (
                <Person key={p.personId} of={p} />
              ))}
            </tbody>
          </table>
        )}
        {list.hasNextPage && (
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t({ zh: '更多', en: 'More' })}
          </Button>
        )}
      </section>
    </>
  )
}
