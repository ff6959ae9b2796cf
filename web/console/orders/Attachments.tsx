import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef } from 'react'
import type { Order } from '#capabilities/orders/contract.ts'
import { AddAttachment, ListAttachments, RemoveAttachment } from '#capabilities/orders/talk.contract.ts'
import { ApiError, call, clientId, NoAnswer } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { Failure } from '../shell/Say.tsx'

async function send(orderId: string, file: File): Promise<void> {
  const address = `${AddAttachment.path.replace(':id', orderId)}?${new URLSearchParams({ id: clientId(), name: file.name }).toString()}`
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
  }).catch(() => {
    throw new NoAnswer('no answer')
  })
  if (!answer.ok) throw new ApiError((await answer.json()) as ConstructorParameters<typeof ApiError>[0])
}

const size = (bytes: number) =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`

/** Files of the order. Looking at one is told to the person whose request it is. */
export function Attachments({ order, now }: { order: Order; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const client = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const key = [ListAttachments.id, order.id]
  const files = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(ListAttachments, { params: { id: order.id }, signal }),
  })
  const refresh = () => void client.invalidateQueries({ queryKey: key })
  const add = useMutation({
    mutationFn: async (list: File[]) => {
      for (const file of list) await send(order.id, file)
    },
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: (attachment: string) => call(RemoveAttachment, { params: { id: order.id, attachment } }),
    onSettled: refresh,
  })
  if (!files.data || (files.data.items.length === 0 && !files.data.mayAdd)) return null
  return (
    <section className="card">
      <h2>{t({ zh: '附件', en: 'Files' })}</h2>
      {files.data.items.length === 0 && <p className="muted">{t({ zh: '没有附件', en: 'None' })}</p>}
      <ul className="related">
        {files.data.items.map((f) => (
          <li key={f.id}>
            <a href={`/api/orders/${order.id}/attachments/${f.id}`} download>
              {f.name}
            </a>
            <span className="muted">
              {size(f.bytes)} · {f.by} · {when(f.at, now, language)}
            </span>
            <span className="grow" />
            {f.mayRemove && (
              <Button size="small" loading={remove.isPending} onClick={() => remove.mutate(f.id)}>
                {t({ zh: '删除', en: 'Remove' })}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {files.data.mayAdd && (
        <div className="row no-print">
          <input
            ref={input}
            hidden
            type="file"
            multiple
            accept="image/jpeg,image/png,image/webp,application/pdf"
            onChange={(e) => {
              add.mutate([...(e.target.files ?? [])])
              e.target.value = ''
            }}
          />
          <Button loading={add.isPending} onClick={() => input.current?.click()}>
            {t({ zh: '添加图片或 PDF', en: 'Add a picture or PDF' })}
          </Button>
          <span className="muted">
            {t({
              zh: `每个不超过 ${size(files.data.maxBytes)}，图片里的位置、时间和机型会去掉`,
              en: `At most ${size(files.data.maxBytes)} each; position, time and device are taken out of pictures`,
            })}
          </span>
        </div>
      )}
      {add.isError && <Failure error={add.error} />}
      {remove.isError && <Failure error={remove.error} />}
    </section>
  )
}
