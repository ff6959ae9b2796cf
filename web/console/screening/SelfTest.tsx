import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { GetAntigen } from '#capabilities/screening/antigen.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { Failure } from '../shell/Say.tsx'

const OUTCOMES = {
  negative: { zh: '阴性', en: 'negative' },
  positive: { zh: '阳性（待单管核酸复核）', en: 'positive (to be checked by a single tube)' },
  invalid: { zh: '无效', en: 'not valid' },
} as const

/** What was reported, asked for by pressing only: the person is told of the look, and of each look at the picture. */
export function SelfTest({ id }: { id: string }) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(60_000)
  const look = useMutation({ mutationFn: () => call(GetAntigen, { params: { id } }), gcTime: 0 })
  const test = look.data
  if (look.error) return <Failure error={look.error} retry={() => look.mutate()} />
  if (!test)
    return (
      <Button size="small" loading={look.isPending} onClick={() => look.mutate()}>
        {t({ zh: '查看自测（查看会留痕）', en: 'See the self-test (looking is recorded)' })}
      </Button>
    )
  return (
    <span className="row">
      {t(OUTCOMES[test.outcome])} · {when(test.at, now, language)} ·{' '}
      {test.byStaff
        ? t({ zh: '工作人员代报', en: 'reported by staff' })
        : t({ zh: '本人报告', en: 'reported by the person' })}
      {test.hasPhoto ? (
        <a href={`/api/antigen/${id}/photo`} download>
          {t({ zh: '照片（查看会留痕）', en: 'Picture (looking is recorded)' })}
        </a>
      ) : (
        <span className="muted">{t({ zh: '照片已到期删除', en: 'the picture is no longer kept' })}</span>
      )}
    </span>
  )
}
