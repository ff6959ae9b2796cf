import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ListHolds } from '#capabilities/screening/results.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useMay } from '../shell/me.ts'
import { NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Holds } from './Holds.tsx'
import { LabCapacityPanel } from './LabCapacityPanel.tsx'
import { Early } from './Early.tsx'
import { LabBoxes } from './LabBoxes.tsx'
import type { LabsSearch } from './labs-search.ts'
import { ResultsFile } from './ResultsFile.tsx'
import { ResultsForm } from './ResultsForm.tsx'
import './labs.css'

const route = getRouteApi('/labs')

/** A laboratory at work: boxes come in, results go out by tube or by file, contradictions wait for two people. */
export function LabsPage() {
  const may = useMay()
  return may('results.write') ? <Lab /> : <NotForYou />
}

function Lab() {
  const t = useWords()
  const { view, box } = route.useSearch()
  useTitle(t({ zh: '实验室', en: 'Laboratory' }))
  const holds = useQuery({
    queryKey: [ListHolds.id],
    queryFn: ({ signal }) => call(ListHolds, { signal }),
    refetchInterval: 30_000,
  })
  const open = holds.data?.items.length ?? 0
  const views: [LabsSearch['view'], string][] = [
    [undefined, t({ zh: '收箱与结果', en: 'Boxes and results' })],
    ['file', t({ zh: '文件上传', en: 'Upload a file' })],
    [
      'holds',
      open > 0
        ? t({ zh: `▲ 矛盾结果 ${open}`, en: `▲ Contradictions ${open}` })
        : t({ zh: '矛盾结果', en: 'Contradictions' }),
    ],
    ['capacity', t({ zh: '检测能力', en: 'Capacity' })],
  ]
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '实验室', en: 'Laboratory' })}</h1>
        <nav className="views" aria-label={t({ zh: '工作', en: 'Work' })}>
          {views.map(([to, words]) => (
            <Link
              key={words}
              to="/labs"
              search={{ ...(to && { view: to }), ...(box && { box }) }}
              className={view === to ? 'view on' : 'view'}
              aria-current={view === to ? 'page' : undefined}
            >
              {words}
            </Link>
          ))}
        </nav>
      </div>
      {view === 'capacity' && <LabCapacityPanel />}
      {view === undefined && (
        <div className="lab-columns">
          <LabBoxes box={box} />
          <Early />
          <ResultsForm box={box} />
        </div>
      )}
      {view === 'file' && <ResultsFile />}
      {view === 'holds' && <Holds holds={holds} />}
    </>
  )
}
