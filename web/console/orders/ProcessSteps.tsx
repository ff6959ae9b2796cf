import type { Process } from '#capabilities/orders/parts.contract.ts'
import { useWords } from '#web/shared/language.ts'

const LEVELS = {
  city: { zh: '市级', en: 'city' },
  district: { zh: '区级', en: 'district' },
  subdistrict: { zh: '街镇', en: 'subdistrict' },
} as const

/** The lead above, then the steps in turn; helpers of one step stand side by side. */
export function ProcessSteps({ process }: { process: Process }) {
  const t = useWords()
  const span = (h: Process['steps'][number][number]) =>
    h.workingDays !== null
      ? t({ zh: `${h.workingDays} 个工作日`, en: `${h.workingDays} working days` })
      : h.minutes! % 60 === 0
        ? t({ zh: `${h.minutes! / 60} 小时`, en: `${h.minutes! / 60} h` })
        : t({ zh: `${h.minutes} 分钟`, en: `${h.minutes} min` })
  return (
    <ol className="process-steps">
      <li>
        <span className="step">{t({ zh: '主办', en: 'Lead' })}</span>
        <div className="helpers">
          <div className="helper lead">
            <b>{t(process.lead)}</b>
            <span className="muted">
              {t({ zh: '对诉求人负责，给出一个答复', en: 'answers for all, with one answer' })}
            </span>
          </div>
        </div>
      </li>
      {process.steps.map((helpers, i) => (
        // Steps have no name of their own; their order is what they are.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={i}>
          <span className="step">{t({ zh: `第 ${i + 1} 步`, en: `Step ${i + 1}` })}</span>
          <div className="helpers">
            {helpers.map((h) => (
              <div key={h.task.zh} className="helper">
                <b>
                  {t(h.department)} <span className="muted">{t(LEVELS[h.level])}</span>
                </b>
                <span>{t(h.task)}</span>
                <span className="muted">{span(h)}</span>
              </div>
            ))}
          </div>
        </li>
      ))}
      <li>
        <span className="step">{t({ zh: '答复', en: 'Answer' })}</span>
        <p className="answer">
          {t(process.answer).replace('{parts}', t({ zh: '［各协办答复］', en: '[the helpers’ answers]' }))}
        </p>
      </li>
    </ol>
  )
}
