import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ListOrders, type OrderRow } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useOnNotes } from '../shell/live.tsx'
import type { QueueSearch } from './queue-search.ts'

export type Shown = { row: OrderRow; left: boolean }

const PAGE = 50

/**
 * The list as it was laid out, kept fresh in place: rows change where they stand, rows that no longer belong stay and
 * say so, and new ones wait in a count until `lay()` is asked for. So nothing moves under a hand or a key.
 */
export function useQueue(search: QueueSearch) {
  const query = { view: 'mine' as const, ...search, limit: PAGE }
  const key = JSON.stringify(query)
  const list = useInfiniteQuery({
    queryKey: [ListOrders.id, query],
    queryFn: ({ pageParam, signal }) =>
      call(ListOrders, { query: { ...query, ...(pageParam && { after: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    staleTime: 0,
  })
  const fresh = useMemo(() => {
    const rows = new Map<string, OrderRow>()
    for (const row of list.data?.pages.flatMap((p) => p.items) ?? []) rows.set(row.id, row)
    return rows
  }, [list.data])

  const pages = list.data?.pages.length ?? 0
  const [laid, setLaid] = useState<{ key: string; pages: number; rows: Map<string, OrderRow> }>({
    key: '',
    pages: 0,
    rows: new Map(),
  })
  if (list.data && laid.key !== key) {
    setLaid({ key, pages, rows: new Map(fresh) })
  } else if (list.data && laid.rows.size === 0 && fresh.size > 0) {
    setLaid({ key, pages, rows: new Map(fresh) })
  } else if (list.data && laid.pages < pages) {
    // Asked for more: it goes below. What arrived meanwhile belongs further up and waits in the count.
    const more = list.data.pages.slice(laid.pages).flatMap((p) => p.items)
    setLaid({ key, pages, rows: new Map([...laid.rows, ...more.map((row) => [row.id, row] as const)]) })
  } else if (list.data && laid.pages > pages) {
    setLaid({ ...laid, pages })
  }

  const current = laid.key === key ? laid.rows : fresh
  const shown: Shown[] = [...current.values()].map((row) => ({
    row: fresh.get(row.id) ?? row,
    left: !fresh.has(row.id),
  }))
  const arrived = [...fresh.keys()].filter((id) => !current.has(id)).length
  const urgentArrived = [...fresh.values()].filter((row) => row.urgent && !current.has(row.id)).length
  const left = shown.filter((s) => s.left).length

  useOnNotes(
    (note) => note.topic === 'order',
    () => void list.refetch(),
    2_000,
  )

  return {
    shown,
    arrived,
    urgentArrived,
    left,
    pending: list.isPending,
    error: list.error,
    hasMore: list.hasNextPage,
    loadingMore: list.isFetchingNextPage,
    more: () => void list.fetchNextPage(),
    /** Shows the list as it is now. */
    lay: async () => {
      const { data } = await list.refetch()
      const rows = new Map((data?.pages ?? []).flatMap((p) => p.items).map((row) => [row.id, row]))
      setLaid({ key, pages: data?.pages.length ?? 0, rows })
    },
    retry: () => void list.refetch(),
  }
}
