import type { Outcome as Is } from '#capabilities/screening/results.contract.ts'
import { useWords } from '#web/shared/language.ts'
import { OUTCOME_WORDS } from './lab-words.ts'

export function Outcome({ is }: { is: Is }) {
  const t = useWords()
  const words = OUTCOME_WORDS[is]
  return (
    <span className={`left ${words.level}`}>
      <span aria-hidden>{words.mark}</span> {t(words)}
    </span>
  )
}
