import type { Actor, Grant } from '#kernel/auth.ts'
import type { Role } from './contract.ts'

/** What each role may do, everywhere inside the place of its grant. Deny by default: what is not here is refused. */
export const PERMISSIONS = {
  resident: [],
  neighbourhood_worker: [
    'orders.read',
    'orders.sign',
    'orders.return',
    'orders.resolve',
    'orders.note',
    'requests.read',
    'requests.receive',
    'people.read',
    'people.reveal',
    'glass.break',
  ],
  sampler: [],
  lab: [],
  epidemiologist: ['orders.read', 'orders.note', 'people.read', 'people.reveal', 'glass.break'],
  transfer_coordinator: ['orders.read', 'orders.note', 'glass.break'],
  agent: [
    'orders.read',
    'orders.dispatch',
    'orders.call_back',
    'orders.nudge',
    'orders.note',
    'orders.archive',
    'orders.reject',
    'requests.receive',
    'requests.read',
    'calls.record',
    'statistics.read',
    'wall.read',
    // Calling back needs the number of one person, never the register.
    'people.reveal',
  ],
  handler: [
    'orders.read',
    'orders.sign',
    'orders.return',
    'orders.resolve',
    'orders.note',
    'requests.read',
    'statistics.read',
    'people.reveal',
    'glass.break',
  ],
  supervisor: [
    'orders.read',
    'orders.dispatch',
    'orders.nudge',
    'orders.redo',
    'orders.note',
    'requests.read',
    'statistics.read',
    'wall.read',
    'people.read',
    'glass.break',
    'glass.review',
  ],
  commander: ['orders.read', 'orders.nudge', 'orders.note', 'statistics.read', 'wall.read'],
  company: [],
  courier: [],
  gate: [],
  administrator: ['wall.read', 'statistics.read', 'imports.write', 'keys.create', 'accounts.write'],
  auditor: ['audit.read'],
  simulator: ['demo.drive'],
} as const satisfies Record<Role, readonly string[]>

/** Permission → places where one of the grants gives it. */
export function permissionsOf(grants: readonly Grant[]): Actor['may'] {
  const may = new Map<string, string[]>()
  for (const grant of grants) {
    for (const permission of PERMISSIONS[grant.role as Role] ?? []) {
      const places = may.get(permission) ?? []
      if (!places.includes(grant.place)) places.push(grant.place)
      may.set(permission, places)
    }
  }
  return may
}

/** 张三 → 张*, 欧阳明 → 欧**: enough to recognise a neighbour, too little to look somebody up. */
export function maskName(name: string): string {
  const [first = '', ...rest] = [...name]
  return first + '*'.repeat(Math.max(1, rest.length))
}

/** 13812345678 → 138****5678. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? '****' : `${phone.slice(0, 3)}****${phone.slice(-4)}`
}

/** Simulated people have numbers that no operator gives out: 199 0000 0000 to 199 0999 9999. */
export const SIMULATED_PHONE = /^1990\d{7}$/

/** Who may open what others hold shut, or see who looked, proves it twice. */
const NEEDS_SECOND_FACTOR: readonly string[] = ['administrator', 'auditor', 'commander']

/** What an account must do before its roles count; null when nothing stands in the way. */
export function mustDo(
  account: { simulated: boolean; passwordOnce: boolean; hasSecondFactor: boolean },
  grants: readonly Grant[],
): 'password' | 'second_factor' | null {
  if (account.passwordOnce) return 'password'
  if (account.simulated || account.hasSecondFactor) return null
  return grants.some((g) => NEEDS_SECOND_FACTOR.includes(g.role)) ? 'second_factor' : null
}

const BROWSERS = [
  [/MicroMessenger\//, 'WeChat'],
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const

/** “Chrome · Windows”: enough to know one's own device, too little to follow it. */
export function shortDevice(userAgent: string): string {
  const named = (list: readonly (readonly [RegExp, string])[]) =>
    list.find(([mark]) => mark.test(userAgent))?.[1]
  const parts = [named(BROWSERS), named(SYSTEMS)].filter((part) => part !== undefined)
  return parts.join(' · ') || /^[\w.-]{1,30}/.exec(userAgent)?.[0] || ''
}

/** 203.0.113.77 → 203.0.113.0/24, 2001:db8:1:2::3 → 2001:db8:1::/48. */
export function shortAddress(address: string): string {
  const four = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address)
  if (four) return `${four[1]}.0/24`
  const [head = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean).slice(0, 3)
  return address.includes(':') ? `${groups.join(':')}::/48` : ''
}
