import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { Order } from '#capabilities/orders/contract.ts'
import { GetRequest } from '#capabilities/requests/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { Reveal } from '../people/Reveal.tsx'
import { useKeys } from '../shell/keys.ts'
import { useMay } from '../shell/me.ts'
import { Failure } from '../shell/Say.tsx'
import { Highlighted } from './Highlighted.tsx'

/** What was said in full. Asked for by pressing only, because each look is recorded. */
export function Said({ order }: { order: Order }) {
  const t = useWords()
  const may = useMay()
  // A mutation, not a query: nothing may look again by itself.
  const look = useMutation({ mutationFn: () => call(GetRequest, { params: { id: order.id } }) })
  const [calling, setCalling] = useState(false)
  const mayLook = may('requests.read')
  useKeys({ v: mayLook && !look.data && !look.isPending ? () => look.mutate() : undefined })
  const said = look.data
  return (
    <section className="card">
      <h2>{t({ zh: '诉求原话', en: 'What was said' })}</h2>
      {!mayLook && (
        <p className="muted">
          {t({
            zh: '您的岗位不看原话；上面的事项、地点和办理经过足以办理。',
            en: 'Your role does not see the words; matter, place and history are here.',
          })}
        </p>
      )}
      {mayLook && !said && (
        <Button onClick={() => look.mutate()} loading={look.isPending}>
          {t({ zh: '查看原话（查看会留痕）', en: 'See what was said (looking is recorded)' })} <kbd>v</kbd>
        </Button>
      )}
      {look.isError && <Failure error={look.error} retry={() => look.mutate()} />}
      {said && (
        <>
          <Highlighted text={said.text} words={said.understanding.words} />
          <ul className="plain reasons">
            {said.understanding.reasons.map((r) => (
              <li key={r.zh}>{t(r)}</li>
            ))}
          </ul>
          {said.understanding.alsoAbout.length > 0 && (
            <p>
              {t({ zh: '还说到：', en: 'Also about: ' })}
              {said.understanding.alsoAbout.map((e) => t(e.name)).join(t({ zh: '、', en: ', ' }))}
            </p>
          )}
          <p className="muted">
            {said.person
              ? t({
                  zh: `诉求人 ${said.person.nameMasked} ${said.person.phoneMasked ?? ''}`,
                  en: `Reporter ${said.person.nameMasked} ${said.person.phoneMasked ?? ''}`,
                })
              : t({ zh: '没有留下诉求人', en: 'No reporter was recorded' })}
            {' · '}
            {t({ zh: '这次查看已留痕', en: 'This look was recorded' })}
          </p>
          {said.person &&
            may('people.reveal') &&
            (calling ? (
              <Reveal personId={said.person.id} close={() => setCalling(false)} />
            ) : (
              <Button onClick={() => setCalling(true)}>
                {t({ zh: '按用途查看姓名和电话', en: 'Show name and telephone for a purpose' })}
              </Button>
            ))}
        </>
      )}
    </section>
  )
}
