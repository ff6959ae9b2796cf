import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Input } from 'antd'
import type { Parameter } from '#capabilities/policy/contract.ts'
import { GetVersion } from '#capabilities/policy/packs.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { Failure } from '../shell/Say.tsx'

const MARKS: Record<Parameter['mark'], { zh: string; en: string }> = {
  published: { zh: '已公布', en: 'published' },
  'other-source': { zh: '其他来源', en: 'other source' },
  'set-by-us': { zh: '本系统设定', en: 'set by us' },
}

type Rule = {
  id: string
  set: string
  title: { zh: string; en: string }
  clause: string
  yes: { zh: string; en: string }
  no: { zh: string; en: string }
  tests: unknown[]
}
type Shown = { parameters: Parameter[]; rules: Rule[] }

/** What a version says: every number with its unit, source and mark; every rule with what the person is told. */
export function Content({ hash }: { hash: string }) {
  const t = useWords()
  const language = useLanguage()
  const [find, setFind] = useState('')
  const version = useQuery({
    queryKey: [GetVersion.id, hash],
    queryFn: ({ signal }) => call(GetVersion, { params: { name: hash }, signal }),
    staleTime: Infinity,
  })
  if (version.error) return <Failure error={version.error} retry={() => void version.refetch()} />
  if (!version.data) return <p className="muted">{t({ zh: '正在取……', en: 'Loading …' })}</p>
  const body = version.data.body as unknown as { pack?: Shown; overlay?: Shown }
  const { parameters, rules } = (body.pack ?? body.overlay)!
  const fits = (text: string) => text.toLowerCase().includes(find.trim().toLowerCase())
  return (
    <>
      <Input
        aria-label={t({ zh: '在内容里找', en: 'Find in the content' })}
        placeholder={t({ zh: '在内容里找：核酸、gate、工单……', en: 'Find: gate, orders …' })}
        value={find}
        allowClear
        onChange={(e) => setFind(e.target.value)}
      />
      <h3>
        {t({ zh: '参数', en: 'Parameters' })} <span className="muted">{parameters.length}</span>
      </h3>
      <table className="list small">
        <thead>
          <tr>
            <th>{t({ zh: '参数', en: 'Parameter' })}</th>
            <th className="n">{t({ zh: '值', en: 'Value' })}</th>
            <th>{t({ zh: '单位', en: 'Unit' })}</th>
            <th>{t({ zh: '条款', en: 'Clause' })}</th>
            <th>{t({ zh: '来源', en: 'Source' })}</th>
          </tr>
        </thead>
        <tbody>
          {parameters
            .filter((p) => fits(`${p.id} ${p.clause} ${p.source ?? ''}`))
            .map((p) => (
              <tr key={p.id}>
                <td className="mono">{p.id}</td>
                <td className="n">
                  <b>{String(p.value)}</b>
                </td>
                <td>{p.unit}</td>
                <td>{p.clause}</td>
                <td>
                  {p.mark && <span className="mark">{t(MARKS[p.mark])}</span>}{' '}
                  <span className="muted">{p.source}</span>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      <h3>
        {t({ zh: '规则', en: 'Rules' })} <span className="muted">{rules.length}</span>
      </h3>
      <table className="list small">
        <thead>
          <tr>
            <th>{t({ zh: '规则', en: 'Rule' })}</th>
            <th>{t({ zh: '条款', en: 'Clause' })}</th>
            <th>{t({ zh: '符合时', en: 'When it holds' })}</th>
            <th>{t({ zh: '不符合时', en: 'When it does not' })}</th>
            <th className="n">{t({ zh: '用例', en: 'Cases' })}</th>
          </tr>
        </thead>
        <tbody>
          {rules
            .filter((r) => fits(`${r.id} ${r.set} ${r.clause} ${r.title.zh} ${r.title.en}`))
            .map((r) => (
              <tr key={r.id}>
                <td>
                  {r.title[language]} <span className="muted mono">{r.set}</span>
                </td>
                <td>{r.clause}</td>
                <td>{r.yes[language]}</td>
                <td>{r.no[language]}</td>
                <td className="n">{r.tests.length}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  )
}
