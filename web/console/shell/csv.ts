type Cell = string | number | null

/** A cell that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** CSV with CRLF and a byte order mark, which Excel needs to read Chinese. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

export function download(name: string, rows: readonly (readonly Cell[])[]): void {
  save(name, new Blob([toCsv(rows)], { type: 'text/csv;charset=utf-8' }))
}

/** Gives a file to the person at the desk. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
