import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { Link } from '@tanstack/react-router'
import { ListProcesses } from '#capabilities/orders/parts.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { ProcessSteps } from './ProcessSteps.tsx'

export function ProcessesPage() {
  const may = useMay()
  return may('orders.read') ? <Processes /> : <NotForYou />
}

/** Collaborative processes as they are declared (policies/processes.yaml). To be read; changed with the policy. */
function Processes() {
  const t = useWords()
  useTitle(t({ zh: '协同流程', en: 'Processes' }))
  const list = useQuery({
    queryKey: [ListProcesses.id],
    queryFn: ({ signal }) => call(ListProcesses, { signal }),
    staleTime: 3_600_000,
  })
  if (list.isPending) return <Skeleton active={false} paragraph={{ rows: 12 }} />
  if (!list.data) return <Failure error={list.error} retry={() => void list.refetch()} />
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '协同流程', en: 'Processes' })}</h1>
        <span className="muted">
          {t({
            zh: `${list.data.items.length} 个：一件事，一个主办，协办并行或依次，一个答复`,
            en: `${list.data.items.length}: one matter, one lead, helpers side by side or in turn, one answer`,
          })}
        </span>
      </div>
      <div className="shelves">
        {list.data.items.map((p) => (
          <section key={p.id} className="card">
            <h2>
              {t(p.name)}{' '}
              <span className="mark">
                {p.start === 'at_once'
                  ? t({ zh: '派单即启动', en: 'Starts when sent' })
                  : t({ zh: '由主办启动', en: 'Started by the lead' })}
              </span>
            </h2>
            <p className="muted">
              {t({ zh: '适用：', en: 'For: ' })}
              {p.elements.map((e) => (
                <Link key={e.id} to="/" search={{ view: 'open', element: e.id }}>
                  {t(e.name)}{' '}
                </Link>
              ))}
            </p>
            <ProcessSteps process={p} />
          </section>
        ))}
      </div>
    </>
  )
}
