import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { GetPlace, SearchPlaces } from '#capabilities/places/contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useSettled } from '../shell/settled.ts'

/** Full name of a place that stands in the address as a code. */
export function usePlacePath(code: string | undefined): string | undefined {
  const { data } = useQuery({
    queryKey: [GetPlace.id, code],
    queryFn: ({ signal }) => call(GetPlace, { params: { code: code! }, signal }),
    enabled: code !== undefined,
    staleTime: Infinity,
  })
  return data && (data.path || data.name)
}

type Given = {
  value: string | undefined
  onChange: (code: string | undefined) => void
  label: string
  placeholder?: string
  known?: { code: string; path: string }[]
  className?: string
  within?: string
}

/** A place while typing: Chinese, pinyin or code. `known` stand first, before anything is typed. */
export function PlacePicker({ value, onChange, label, placeholder, known = [], className, within }: Given) {
  const t = useWords()
  const [typed, setTyped] = useState('')
  const q = useSettled(typed, 180)
  const { data, isFetching } = useQuery({
    queryKey: [SearchPlaces.id, q, within],
    queryFn: ({ signal }) =>
      call(SearchPlaces, { query: { q, limit: 12, ...(within && { within }) }, signal }),
    enabled: q !== '',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const path = usePlacePath(known.some((k) => k.code === value) ? undefined : value)
  const found = q === '' ? known : (data?.items ?? []).map((p) => ({ code: p.code, path: p.path || p.name }))
  const shown =
    value && !found.some((f) => f.code === value) && typed === ''
      ? [{ code: value, path: path ?? value }, ...found]
      : found
  return (
    <Select<string>
      {...(className && { className })}
      aria-label={label}
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      value={value ?? null}
      allowClear
      loading={isFetching}
      placeholder={placeholder ?? t({ zh: '地点：汉字、拼音或代码', en: 'Place: Chinese, pinyin or code' })}
      notFoundContent={
        typed === ''
          ? t({ zh: '输入即查', en: 'Type to search' })
          : isFetching
            ? '…'
            : t({ zh: '没有这个地点，换个写法', en: 'No such place: try another spelling' })
      }
      onChange={(code: string | undefined) => {
        setTyped('')
        onChange(code ?? undefined)
      }}
      options={shown.map((p) => ({ value: p.code, label: p.path }))}
      popupMatchSelectWidth={280}
    />
  )
}
