/** The address bar in plain words: `?place=310115`, not the JSON with quotes that the router writes by itself. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) query.set(key, `${value}`)
  }
  return query.size > 0 ? `?${query}` : ''
}

/** Text of an address, or undefined: an address that somebody mangled shows the page without that filter. */
export function textOf(search: Record<string, unknown>, key: string, fits: RegExp): string | undefined {
  const value = search[key]
  return typeof value === 'string' && fits.test(value) ? value : undefined
}

export const PLACE_CODE = /^(\d{2}|\d{6}|\d{9}|\d{12}|\d{15}|\d{18}|\d{19}|\d{21}|\d{23})$/
