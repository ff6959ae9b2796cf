import { useWords } from '#web/shared/language.ts'
import type { Notice } from './use-scans.ts'

/** What just happened, in one line that keeps its place. */
export function NoticeLine({ notice }: { notice: Notice | null }) {
  const t = useWords()
  return (
    <p
      key={notice?.n}
      className={`notice ${notice ? (notice.good ? 'good' : 'bad') : ''}`}
      role={notice && !notice.good ? 'alert' : 'status'}
    >
      {notice ? `${notice.good ? '✓' : '✗'} ${t(notice)}` : ' '}
    </p>
  )
}
