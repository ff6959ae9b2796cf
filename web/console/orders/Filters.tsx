import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Input, Select, type InputRef, type RefSelectProps } from 'antd'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type Ref } from 'react'
import { ListUnits, State } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { STATE_WORDS } from '#web/shared/words.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { ElementPicker } from '../policy/elements.tsx'
import { useCityClock } from '../shell/clock.ts'
import { useMay, useOwnPlace } from '../shell/me.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { useSettled } from '../shell/settled.ts'
import type { QueueSearch, QueueView } from './queue-search.ts'

const VIEWS: [QueueView, { zh: string; en: string }][] = [
  ['mine', { zh: '我的', en: 'Mine' }],
  ['open', { zh: '未结', en: 'Open' }],
  ['urgent', { zh: '急难', en: 'Urgent' }],
  ['overdue', { zh: '超时', en: 'Overdue' }],
  ['unassigned', { zh: '未派', en: 'Unassigned' }],
  ['all', { zh: '全部', en: 'All' }],
]

/** Views of some posts; shown to whoever has the work. */
const MORE: [QueueView, string, { zh: string; en: string }][] = [
  ['helping', 'orders.help', { zh: '协办', en: 'Helping' }],
  ['review', 'orders.review', { zh: '待我审核', en: 'To review' }],
  ['arbitration', 'orders.arbitrate', { zh: '待仲裁', en: 'Arbitration' }],
  ['supervised', 'orders.supervise', { zh: '督办', en: 'Supervised' }],
  ['cards', 'orders.supervise', { zh: '黄红牌', en: 'Cards' }],
  ['watched', 'orders.read', { zh: '关注', en: 'Watched' }],
]

export function ViewTabs({ search }: { search: QueueSearch }) {
  const t = useWords()
  const may = useMay()
  return (
    <nav className="views" aria-label={t({ zh: '视图', en: 'View' })}>
      {[...VIEWS, ...MORE.filter(([, needed]) => may(needed)).map(([v, , w]) => [v, w] as const)].map(
        ([view, words]) => {
          const on = view === (search.view ?? 'mine')
          return (
            <Link
              key={view}
              to="/"
              search={{ ...search, view }}
              className={on ? 'view on' : 'view'}
              aria-current={on ? 'page' : undefined}
            >
              {t(words)}
            </Link>
          )
        },
      )}
    </nav>
  )
}

/** `56` is the fifty-sixth order of today; anything longer stands as typed. */
export function numberTyped(typed: string, now: number): string | undefined {
  const text = typed.trim()
  if (!text) return undefined
  return /^\d{1,6}$/.test(text)
    ? `${shanghaiParts(now).day.replaceAll('-', '')}-${text.padStart(6, '0')}`
    : text
}

export function Filters({
  search,
  numberRef,
}: {
  search: QueueSearch
  numberRef: Ref<{ focus: () => void }>
}) {
  const t = useWords()
  const navigate = useNavigate()
  const clock = useCityClock()
  const own = useOwnPlace()
  const [number, setNumber] = useState(search.number ?? '')
  const [asked, setAsked] = useState(search.number)
  // The address changed by itself (back, a link): the field follows.
  if (asked !== search.number) {
    setAsked(search.number)
    setNumber(search.number ?? '')
  }
  const set = (change: { [K in keyof QueueSearch]: QueueSearch[K] | undefined }) =>
    void navigate({ to: '/', search: { ...search, ...change } })
  const filtered = Boolean(search.place ?? search.state ?? search.element ?? search.unit ?? search.number)
  return (
    <search className="filters" aria-label={t({ zh: '筛选', en: 'Filters' })}>
      <Input
        ref={numberRef as Ref<InputRef>}
        className="f-number"
        aria-label={t({ zh: '单号', en: 'Number' })}
        placeholder={t({ zh: '单号，回车查', en: 'Number, then Enter' })}
        value={number}
        maxLength={30}
        allowClear
        suffix={<kbd>/</kbd>}
        onChange={(e) => {
          setNumber(e.target.value)
          if (e.target.value === '') set({ number: undefined })
        }}
        onPressEnter={(e) => {
          set({ number: numberTyped(number, clock.now()) })
          e.currentTarget.blur()
        }}
      />
      <PlacePicker
        className="f-place"
        {...(own && { within: own })}
        label={t({ zh: '地点', en: 'Place' })}
        value={search.place}
        onChange={(place) => set({ place })}
      />
      <Select<State>
        className="f-state"
        aria-label={t({ zh: '状态', en: 'State' })}
        placeholder={t({ zh: '状态', en: 'State' })}
        allowClear
        value={search.state ?? null}
        onChange={(state: State | undefined) => set({ state })}
        options={State.options.map((s) => ({ value: s, label: t(STATE_WORDS[s]) }))}
      />
      <ElementPicker
        className="f-element"
        label={t({ zh: '事项', en: 'Matter' })}
        value={search.element}
        onChange={(element) => set({ element })}
      />
      <UnitPicker
        className="f-unit"
        label={t({ zh: '承办单位', en: 'Unit' })}
        place={search.place}
        value={search.unit}
        onChange={(unit) => set({ unit })}
      />
      <Button
        disabled={!filtered}
        onClick={() => void navigate({ to: '/', search: { ...(search.view && { view: search.view }) } })}
      >
        {t({ zh: '清除', en: 'Clear' })}
      </Button>
    </search>
  )
}

type Unit = {
  place: string | undefined
  value: string | undefined
  onChange: (id: string | undefined) => void
  label: string
  className?: string
  opened?: boolean
}

/** Units that an order of this place can be sent to, nearest to the ground first. */
export function UnitPicker({ place, value, onChange, label, className, opened = false }: Unit) {
  const t = useWords()
  const language = useLanguage()
  const [typed, setTyped] = useState('')
  const q = useSettled(typed, 180)
  const focus = useFocusOnce<RefSelectProps>(opened)
  const { data } = useQuery({
    queryKey: [ListUnits.id, place, q],
    queryFn: ({ signal }) => call(ListUnits, { query: { q, ...(place && { place }) }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const items = data?.items ?? []
  const options = items.map((u) => ({ value: u.id, label: language === 'zh' ? u.name : u.nameEn }))
  return (
    <Select<string>
      {...(className && { className })}
      ref={focus}
      defaultOpen={opened}
      aria-label={label}
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      placeholder={label}
      value={value ?? null}
      onChange={(id: string | undefined) => {
        setTyped('')
        onChange(id ?? undefined)
      }}
      notFoundContent={t({ zh: '没有这个单位，换个写法', en: 'No such unit: try another spelling' })}
      options={options}
      popupMatchSelectWidth={280}
    />
  )
}
