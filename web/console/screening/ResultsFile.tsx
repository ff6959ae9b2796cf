import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Select } from 'antd'
import { useState } from 'react'
import { COLUMNS, FILE_NOTES } from '#capabilities/screening/results-file-words.contract.ts'
import {
  UploadResults,
  type ResultLine,
  type ResultsReport,
} from '#capabilities/screening/results-file.contract.ts'
import { ListHolds } from '#capabilities/screening/results.contract.ts'
import { ListLabBoxes } from '#capabilities/screening/lab.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { download } from '../shell/csv.ts'
import { READ_WORDS, TallyCells, type TallyCell } from '../shell/ImportParts.tsx'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { Outcome } from './Outcome.tsx'

const ONLY = {
  look: { zh: '要看的行', en: 'Lines to look at' },
  positive: { zh: '非阴性的行', en: 'Not negative' },
  all: { zh: '全部', en: 'All' },
} as const
type Only = keyof typeof ONLY
/** More rows on a screen help nobody; the whole list is downloaded. */
const SHOWN = 200

const isFine = (l: ResultLine) =>
  l.status === 'understood' && (l.answer?.state === 'new' || l.answer?.state === 'same')
const fits: Record<Only, (l: ResultLine) => boolean> = {
  look: (l) => !isFine(l),
  positive: (l) => l.outcome !== null && l.outcome !== 'negative',
  all: () => true,
}

function reasons(line: ResultLine, language: Language): string {
  const said: string[] = line.notes.map((n) => FILE_NOTES[n][language])
  const { answer } = line
  if (answer?.state === 'same') said.push(language === 'zh' ? '已有相同结果' : 'The same stands already')
  if (answer?.state === 'held')
    said.push(language === 'zh' ? '与已有结果矛盾，待两人更正' : 'Contradicts what stands: two people decide')
  if (answer?.state === 'early')
    said.push(
      language === 'zh'
        ? '采样点还没有上报这支管，结果先收下'
        : 'The site has not reported this tube yet: kept until it does',
    )
  if (answer?.state === 'refused') said.push((language === 'zh' ? answer.titleZh : answer.title) ?? '')
  return said.join(language === 'zh' ? '；' : '; ')
}

function Tally({ report }: { report: ResultsReport }) {
  const c = report.counts
  const positive = report.lines.filter((l) => l.answer?.state === 'new' && l.outcome === 'positive').length
  const cells: TallyCell[] = [
    ['', { zh: '总行数', en: 'Lines' }, c.total],
    ['', { zh: '新结果', en: 'New' }, c.new],
    [positive > 0 ? 'bad' : '', { zh: '其中阳性', en: 'Positive of these' }, positive],
    ['', { zh: '已有相同', en: 'Stood already' }, c.same],
    [c.held > 0 ? 'look' : '', { zh: '矛盾待更正', en: 'Held' }, c.held],
    [c.early > 0 ? 'look' : '', { zh: '等采样点上报', en: 'Before their tube' }, c.early],
    [c.notTaken > 0 ? 'bad' : '', { zh: '管不能收', en: 'Tube not taken' }, c.notTaken],
    [c.refused > 0 ? 'bad' : '', { zh: '行不收', en: 'Lines refused' }, c.refused],
    ['', { zh: '修正', en: 'Repaired' }, c.repaired],
  ]
  return <TallyCells cells={cells} />
}

function Lines({ report }: { report: ResultsReport }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  const [only, setOnly] = useState<Only>(report.lines.every(isFine) ? 'all' : 'look')
  const lines = report.lines.filter(fits[only])
  const save = () =>
    download(`${report.file}.${t(ONLY[only])}.csv`, [
      [
        t({ zh: '行', en: 'Line' }),
        t({ zh: '管', en: 'Tube' }),
        t({ zh: '读取', en: 'Read' }),
        t({ zh: '说明', en: 'Why' }),
      ],
      ...lines.map((l) => [l.line, l.tube ?? l.written, t(READ_WORDS[l.status]), reasons(l, language)]),
    ])
  return (
    <>
      <div className="row">
        <Select<Only>
          aria-label={t({ zh: '看哪些行', en: 'Which lines' })}
          value={only}
          onChange={setOnly}
          options={(Object.keys(ONLY) as Only[]).map((value) => ({
            value,
            label: `${t(ONLY[value])} ${report.lines.filter(fits[value]).length}`,
          }))}
          popupMatchSelectWidth={200}
        />
        <Button onClick={save} disabled={lines.length === 0}>
          {t({ zh: '下载这份清单', en: 'Download this list' })}
        </Button>
      </div>
      {lines.length === 0 ? (
        <p className="muted">{t({ zh: '没有这样的行。', en: 'No such lines.' })}</p>
      ) : (
        <div className="scroll">
          <table className="list small">
            <thead>
              <tr>
                <th className="n">{t({ zh: '行', en: 'Line' })}</th>
                <th>{t({ zh: '管', en: 'Tube' })}</th>
                <th>{t({ zh: '结果', en: 'Result' })}</th>
                <th>{t({ zh: '检测时间', en: 'Tested at' })}</th>
                <th>{t({ zh: '读取', en: 'Read' })}</th>
                <th>{t({ zh: '说明', en: 'Why' })}</th>
              </tr>
            </thead>
            <tbody>
              {lines.slice(0, SHOWN).map((l) => (
                <tr key={l.line}>
                  <td className="n">{l.line}</td>
                  <td className="mono">{l.tube ?? l.written ?? '—'}</td>
                  <td>{l.outcome ? <Outcome is={l.outcome} /> : '—'}</td>
                  <td className="mono">{l.testedAt ? when(l.testedAt, now, language) : '—'}</td>
                  <td>{t(READ_WORDS[l.status])}</td>
                  <td>{reasons(l, language)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lines.length > SHOWN && (
        <p className="muted">
          {t({
            zh: `只显示前 ${SHOWN} 行，其余请下载。`,
            en: `The first ${SHOWN}; download the list for the rest.`,
          })}
        </p>
      )}
    </>
  )
}

/** A file is read and answered line by line before anything of it counts. */
export function ResultsFile() {
  const t = useWords()
  const [file, setFile] = useState<File | null>(null)
  const send = useMutation({
    mutationFn: ({ given, preview }: { given: File; preview: boolean }) =>
      call(UploadResults, {
        query: { file: given.name.slice(0, 200), ...(preview && { preview: 'true' as const }) },
        file: given,
      }),
    onSuccess: (report) => {
      if (!report.stored) return
      for (const id of [ListHolds.id, ListLabBoxes.id]) void queryClient.invalidateQueries({ queryKey: [id] })
    },
  })
  const report = send.data
  const taken = report ? report.counts.new + report.counts.held + report.counts.early : 0
  return (
    <div className="stack">
      <section className="card" aria-labelledby="file-title">
        <h2 id="file-title">{t({ zh: '上传结果文件', en: 'Upload a file of results' })}</h2>
        <p className="muted">
          {t({
            zh: 'CSV（UTF-8 或 GB18030）或 XLSX，三列：管码、结果、检测时间；最多 4 MB、1 万行。先预览，确认后才上报；同一份传两次不会重复。',
            en: 'CSV (UTF-8 or GB18030) or XLSX with three columns: tube, result, tested at; up to 4 MB and 10,000 lines. Previewed first, reported when you say so; the same file twice does no harm.',
          })}
        </p>
        <div className="row">
          <label className="file-pick">
            {t({ zh: '选择文件', en: 'Choose a file' })}
            <input
              className="unseen"
              type="file"
              accept=".csv,.xlsx,.txt,text/csv"
              onChange={(e) => {
                const given = e.target.files?.[0]
                if (!given) return
                setFile(given)
                send.mutate({ given, preview: true })
                // The same file, mended, can be chosen again.
                e.target.value = ''
              }}
            />
          </label>
          <Button
            onClick={() =>
              download(`${t({ zh: '结果模板', en: 'results' })}.csv`, [
                Object.values(COLUMNS).map(([zh]) => zh),
              ])
            }
          >
            {t({ zh: '下载空白模板', en: 'Empty template' })}
          </Button>
        </div>
      </section>
      {send.error && (
        <section className="card stack" aria-label={file?.name}>
          <h2>{file?.name}</h2>
          <Failure error={send.error} />
        </section>
      )}
      {report && file && (
        <section className="card stack" aria-labelledby="report-title" aria-busy={send.isPending}>
          <h2 id="report-title">
            {report.file} ·{' '}
            <output>
              {report.stored
                ? t({ zh: '已上报', en: 'Reported' })
                : t({ zh: '预览，尚未上报', en: 'Preview, not reported yet' })}
            </output>
            <span className="muted">
              {' '}
              {report.format.toUpperCase()}
              {report.encoding && ` · ${report.encoding.toUpperCase()}`}
            </span>
          </h2>
          <Tally report={report} />
          {!report.stored && (
            <div className="row">
              <Button
                type="primary"
                loading={send.isPending}
                disabled={taken === 0}
                onClick={() => send.mutate({ given: file, preview: false })}
              >
                {t({ zh: `确认上报 ${taken} 管`, en: `Report ${taken} ${taken === 1 ? 'tube' : 'tubes'}` })}
              </Button>
              {taken === 0 && (
                <span className="muted">
                  {t({ zh: '没有新的结果可报。', en: 'There is nothing new to report.' })}
                </span>
              )}
            </div>
          )}
          {report.stored && report.counts.held > 0 && (
            <Alert
              type="warning"
              showIcon
              title={t({
                zh: `${report.counts.held} 管与已有结果矛盾，请到“矛盾结果”由两人更正。`,
                en: `${report.counts.held} contradict what stands: two people settle them under “Contradictions”.`,
              })}
            />
          )}
          <Lines key={String(report.stored)} report={report} />
        </section>
      )}
    </div>
  )
}
