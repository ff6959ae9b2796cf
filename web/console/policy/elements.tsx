import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useMemo } from 'react'
import { ListElements } from '#capabilities/policy/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'

/** The element dictionary, read once; names in the language of the screen. */
export function useElements() {
  const language = useLanguage()
  const { data } = useQuery({
    queryKey: [ListElements.id],
    queryFn: ({ signal }) => call(ListElements, { signal }),
    staleTime: Infinity,
  })
  return useMemo(() => {
    const byId = new Map(data?.elements.map((e) => [e.id, e]))
    const departments = new Map(data?.departments.map((d) => [d.id, d.name[language]]))
    return {
      find: (id: string | null | undefined) => (id ? byId.get(id) : undefined),
      nameOf: (id: string | null | undefined) => (id ? byId.get(id)?.name[language] : undefined),
      departmentOf: (id: string) => departments.get(id),
      groups: (data?.scenes ?? []).map((scene) => ({
        label: scene.name[language],
        options: data!.elements
          .filter((e) => e.scene === scene.id)
          .map((e) => ({
            value: e.id,
            label: e.name[language],
            other: `${e.name.zh} ${e.name.en} ${e.words.join(' ')} ${e.id}`.toLowerCase(),
          })),
      })),
    }
  }, [data, language])
}

type Given = {
  value: string | undefined
  onChange: (id: string | undefined) => void
  label: string
  className?: string
}

export function ElementPicker({ value, onChange, label, className }: Given) {
  const t = useWords()
  const { groups } = useElements()
  return (
    <Select<string, { value: string; label: string; other?: string }>
      {...(className && { className })}
      aria-label={label}
      value={value ?? null}
      allowClear
      placeholder={t({ zh: '事项（要素）', en: 'Matter (element)' })}
      // Found by either language and by the words people use for it.
      showSearch={{ filterOption: (typed, option) => option?.other?.includes(typed.toLowerCase()) ?? false }}
      onChange={(id: string | undefined) => onChange(id ?? undefined)}
      options={groups as never}
      popupMatchSelectWidth={260}
    />
  )
}
