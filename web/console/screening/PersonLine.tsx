import { Button } from 'antd'
import { useState } from 'react'
import { useWords } from '#web/shared/language.ts'
import { Reveal } from '../people/Reveal.tsx'
import { useMay } from '../shell/me.ts'

/** Somebody by mask; name and number only for a purpose. */
export function PersonLine({ person }: { person: { personId: string; nameMasked: string } }) {
  const t = useWords()
  const may = useMay()
  const [open, setOpen] = useState(false)
  return (
    <div className="row">
      <b lang="zh-CN">{person.nameMasked}</b>
      {may('people.reveal') && !open && (
        <Button
          size="small"
          aria-label={t({
            zh: `按用途查看 ${person.nameMasked}`,
            en: `See for a purpose: ${person.nameMasked}`,
          })}
          onClick={() => setOpen(true)}
        >
          {t({ zh: '按用途查看', en: 'See for a purpose' })}
        </Button>
      )}
      {open && <Reveal personId={person.personId} close={() => setOpen(false)} />}
    </div>
  )
}
