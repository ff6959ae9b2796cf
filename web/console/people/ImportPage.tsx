import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Progress, Select, Spin } from 'antd'
import { useEffect, useState } from 'react'
import {
  AcceptImport,
  DropImport,
  GetImport,
  ListImportLines,
  ListImports,
  type ImportLine,
  type ImportRun,
} from '#capabilities/people/import.contract.ts'
import { IMPORT_NOTES, IMPORT_PROBLEMS } from '#capabilities/people/import-words.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { download } from '../shell/csv.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { READ_WORDS, TallyCells } from '../shell/ImportParts.tsx'
import { useTitle } from '../shell/title.ts'
import { importsChanged, ImportUpload } from './ImportUpload.tsx'

const STATE_WORDS = {
  reading: { zh: '正在读取', en: 'Reading' },
  ready: { zh: '待确认', en: 'To accept' },
  storing: { zh: '正在入库', en: 'Storing' },
  done: { zh: '已入库', en: 'Stored' },
  refused: { zh: '整份未收', en: 'Refused' },
  dropped: { zh: '已放弃', en: 'Dropped' },
} as const
const ONLY = {
  refused: { zh: '不收的行', en: 'Refused lines' },
  repaired: { zh: '修正的行', en: 'Repaired lines' },
  unused: { zh: '未用的行', en: 'Lines not used' },
  alike: { zh: '疑似重复', en: 'Possible duplicates' },
  known: { zh: '已在册', en: 'In the register already' },
} as const
type Only = keyof typeof ONLY

function Tally({ run }: { run: ImportRun }) {
  const { counts } = run
  const cells = [
    ['', { zh: '总行数', en: 'Lines' }, counts.total],
    ['', { zh: '新登记', en: 'New' }, counts.fresh],
    ['', { zh: '已在册', en: 'Known' }, counts.known],
    ['', { zh: '修正', en: 'Repaired' }, counts.repaired],
    ['bad', { zh: '不收', en: 'Refused' }, counts.refused],
    ['', { zh: '未用', en: 'Not used' }, counts.unused],
    ['look', { zh: '疑似重复', en: 'Possible duplicates' }, counts.alike],
    ...(run.state === 'done'
      ? ([
          ['', { zh: '已入库', en: 'Stored' }, counts.stored],
          ['', { zh: '已补充', en: 'Filled in' }, counts.filled],
        ] as const)
      : []),
  ] as const
  return <TallyCells cells={cells} />
}

function Lines({ run }: { run: ImportRun }) {
  const t = useWords()
  const [only, setOnly] = useState<Only>(run.counts.refused > 0 ? 'refused' : 'repaired')
  const [saving, setSaving] = useState(false)
  const list = useQuery({
    queryKey: [ListImportLines.id, run.id, run.state, only],
    queryFn: ({ signal }) =>
      call(ListImportLines, { params: { id: run.id }, query: { only, limit: 100 }, signal }),
  })
  const say = (line: ImportLine) =>
    [
      ...line.notes.map((note) => t(IMPORT_NOTES[note])),
      ...(line.known ? [t({ zh: '已在册：只补空缺', en: 'Known: only what is missing is filled in' })] : []),
      ...(line.alike
        ? [
            line.alike === 'phone_name'
              ? t({ zh: '与他人姓名、电话相同', en: 'Same name and telephone as another' })
              : t({
                  zh: '与他人姓名、出生日期、住址相同',
                  en: 'Same name, birth date and address as another',
                }),
          ]
        : []),
    ].join('；')
  const saveAll = async () => {
    setSaving(true)
    try {
      const rows: string[][] = [
        [t({ zh: '行', en: 'Line' }), t({ zh: '结果', en: 'Result' }), t({ zh: '原因', en: 'Reason' })],
      ]
      for (let after: string | null = '0'; after !== null;) {
        const { items, next }: { items: ImportLine[]; next: string | null } = await call(ListImportLines, {
          params: { id: run.id },
          query: { only, limit: 1000, after },
        })
        for (const line of items) rows.push([String(line.line), t(READ_WORDS[line.status]), say(line)])
        after = next
      }
      download(`${run.file}.${only}.csv`, rows)
    } finally {
      setSaving(false)
    }
  }
  return (
    <>
      <div className="row">
        <Select<Only>
          aria-label={t({ zh: '看哪些行', en: 'Which lines' })}
          value={only}
          onChange={setOnly}
          options={(Object.keys(ONLY) as Only[]).map((value) => ({ value, label: t(ONLY[value]) }))}
          popupMatchSelectWidth={200}
        />
        <Button onClick={() => void saveAll()} loading={saving} disabled={!list.data?.items.length}>
          {t({ zh: '下载这份清单', en: 'Download this list' })}
        </Button>
      </div>
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && (
        <p className="muted">{t({ zh: '没有这样的行。', en: 'No such lines.' })}</p>
      )}
      {list.data && list.data.items.length > 0 && (
        <div className="scroll">
          <table className="list small">
            <thead>
              <tr>
                <th>{t({ zh: '行', en: 'Line' })}</th>
                <th>{t({ zh: '姓名', en: 'Name' })}</th>
                <th>{t({ zh: '结果', en: 'Result' })}</th>
                <th>{t({ zh: '原因', en: 'Reason' })}</th>
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((line) => (
                <tr key={line.line}>
                  <td className="n">{line.line}</td>
                  <td lang="zh-CN">{line.nameMasked ?? '—'}</td>
                  <td>{t(READ_WORDS[line.status])}</td>
                  <td>{say(line)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.data?.next && (
        <p className="muted">
          {t({ zh: '只显示前 100 行，其余请下载。', en: 'The first 100; download the list for the rest.' })}
        </p>
      )}
    </>
  )
}

function Run({ id }: { id: string }) {
  const t = useWords()
  const run = useQuery({
    queryKey: [GetImport.id, id],
    queryFn: ({ signal }) => call(GetImport, { params: { id }, signal }),
    refetchInterval: (q) => (['reading', 'storing'].includes(q.state.data?.state ?? '') ? 500 : false),
  })
  const reached = run.data?.state
  useEffect(() => {
    if (reached) importsChanged()
  }, [reached])
  const settle = (answer: ImportRun) => {
    queryClient.setQueryData([GetImport.id, id], answer)
    importsChanged()
  }
  const accept = useMutation({
    mutationFn: () => call(AcceptImport, { params: { id }, body: {} }),
    onSuccess: settle,
  })
  const drop = useMutation({
    mutationFn: () => call(DropImport, { params: { id }, body: {} }),
    onSuccess: settle,
  })
  if (run.error) return <Failure error={run.error} retry={() => void run.refetch()} />
  if (!run.data) return <Spin className="waiting" />
  const { state, counts, problem, file, place } = run.data
  return (
    <section className="card stack" aria-labelledby="run-title">
      <h2 id="run-title">
        {file} · {place} · <output>{t(STATE_WORDS[state])}</output>
      </h2>
      {problem && <Alert type="error" showIcon role="alert" title={t(IMPORT_PROBLEMS[problem])} />}
      {state === 'reading' && (
        <p>
          <Spin size="small" /> {t({ zh: '已读', en: 'Read' })} {counts.progress.toLocaleString()}{' '}
          {t({ zh: '行', en: 'lines' })}
        </p>
      )}
      {state === 'storing' && (
        <Progress
          percent={Math.round((100 * counts.progress) / Math.max(1, counts.total))}
          aria-label={t({ zh: '入库进度', en: 'Storing' })}
        />
      )}
      {(state === 'ready' || state === 'storing' || state === 'done') && <Tally run={run.data} />}
      {state === 'ready' && (
        <div className="row">
          <Button
            type="primary"
            loading={accept.isPending}
            disabled={counts.fresh + counts.known === 0}
            onClick={() => accept.mutate()}
          >
            {t({ zh: `确认入库：新登记 ${counts.fresh} 人`, en: `Store: ${counts.fresh} new people` })}
          </Button>
          <Button onClick={() => drop.mutate()} loading={drop.isPending}>
            {t({ zh: '放弃', en: 'Drop' })}
          </Button>
          <span className="muted">
            {t({
              zh: '证件号码相同的就是同一人，只补空缺、不改已有；疑似重复不会自动合并。',
              en: 'The same identity number is the same person: gaps are filled, nothing is overwritten. Possible duplicates are never merged by themselves.',
            })}
          </span>
        </div>
      )}
      {(accept.error ?? drop.error) && <Failure error={accept.error ?? drop.error} />}
      {(state === 'ready' || state === 'done') && <Lines run={run.data} />}
      {state === 'done' && counts.alike > 0 && (
        <p>
          <Link to="/people/duplicates">
            {t({ zh: '去核对疑似重复', en: 'Review the possible duplicates' })}
          </Link>
        </p>
      )}
    </section>
  )
}

/** A register comes in: uploaded, previewed line by line, accepted, and what was refused to take away. */
export function ImportPage() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const [id, setId] = useState<string>()
  useTitle(t({ zh: '导入名册', en: 'Import people' }))
  const runs = useQuery({
    queryKey: [ListImports.id],
    queryFn: ({ signal }) => call(ListImports, { signal }),
    enabled: may('people.import'),
  })
  if (!may('people.import')) return <NotForYou />
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '导入名册', en: 'Import people' })}</h1>
        <Link to="/people">{t({ zh: '回到名册', en: 'Back to the register' })}</Link>
      </div>
      <div className="stack">
        <ImportUpload onRun={setId} />
        {id && <Run key={id} id={id} />}
        <section className="card" aria-labelledby="runs-title">
          <h2 id="runs-title">{t({ zh: '以往导入', en: 'Earlier imports' })}</h2>
          {runs.error && <Failure error={runs.error} retry={() => void runs.refetch()} />}
          {runs.data?.items.length === 0 && (
            <Nothing title={t({ zh: '还没有导入过', en: 'Nothing was imported yet' })} />
          )}
          {runs.data && runs.data.items.length > 0 && (
            <table className="list small">
              <thead>
                <tr>
                  <th>{t({ zh: '时间', en: 'When' })}</th>
                  <th>{t({ zh: '文件', en: 'File' })}</th>
                  <th>{t({ zh: '地点', en: 'Place' })}</th>
                  <th>{t({ zh: '状态', en: 'State' })}</th>
                  <th className="n">{t({ zh: '入库', en: 'Stored' })}</th>
                  <th className="n">{t({ zh: '不收', en: 'Refused' })}</th>
                  <th>{t({ zh: '操作', en: 'Action' })}</th>
                </tr>
              </thead>
              <tbody>
                {runs.data.items.map((r) => (
                  <tr key={r.id}>
                    <td className="mono">{when(r.createdAt, runs.dataUpdatedAt, language)}</td>
                    <td>{r.file}</td>
                    <td>{r.place}</td>
                    <td>{t(STATE_WORDS[r.state])}</td>
                    <td className="n">{r.counts.stored.toLocaleString()}</td>
                    <td className="n">{r.counts.refused.toLocaleString()}</td>
                    <td>
                      <Button
                        size="small"
                        onClick={() => setId(r.id)}
                        aria-label={`${t({ zh: '打开', en: 'Open' })} ${r.file}`}
                      >
                        {t({ zh: '打开', en: 'Open' })}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      </div>
    </>
  )
}
