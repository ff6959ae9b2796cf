import type { Actor, Grant } from '#kernel/auth.ts'
import type { Role } from './contract.ts'

export {
  checkCharacter,
  isDate,
  isIdNumber,
  plainIdNumber,
  readResidentId,
  SIMULATED_AREA,
} from './identity-number.contract.ts'

/** What each role may do, everywhere inside the place of its grant. Deny by default: what is not here is refused. */
export const PERMISSIONS = {
  resident: [],
  neighbourhood_worker: [
    'orders.read',
    'orders.sign',
    'orders.return',
    'orders.resolve',
    'claims.settle',
    'orders.note',
    'orders.ask_back',
    'orders.extend',
    'orders.suspend',
    'orders.help',
    'requests.read',
    'requests.receive',
    'people.read',
    'people.reveal',
    'people.import',
    'people.export',
    'people.export_full',
    'glass.break',
    'tubes.read',
    'sampling.codes',
    'recalls.read',
    'screening.read',
    'sites.edit',
    'slots.plan',
    'screening.door',
    'people.needs',
    'antigen.report',
    'antigen.read',
  ],
  sampler: ['tubes.seal', 'boxes.move', 'tubes.read', 'recalls.read'],
  lab: ['boxes.receive', 'boxes.move', 'results.write', 'capacity.lab'],
  epidemiologist: [
    'orders.read',
    'orders.note',
    'people.read',
    'people.reveal',
    'people.merge',
    'people.export',
    'people.export_full',
    'glass.break',
    'decisions.read',
    'tubes.read',
    'recalls.read',
    'findings.record',
    'screening.read',
    'antigen.read',
  ],
  transfer_coordinator: ['orders.read', 'orders.note', 'glass.break'],
  agent: [
    'orders.read',
    'orders.dispatch',
    'orders.call_back',
    'orders.nudge',
    'orders.note',
    'orders.ask_back',
    'orders.answer',
    'orders.review',
    'orders.merge',
    'orders.delegate',
    'orders.export',
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
    'orders.ask_back',
    'orders.extend',
    'orders.suspend',
    'orders.help',
    'orders.delegate',
    'orders.export',
    'requests.read',
    'statistics.read',
    'people.reveal',
    'glass.break',
    'recalls.read',
    'screening.read',
    'sites.edit',
    'slots.plan',
  ],
  supervisor: [
    'orders.read',
    'orders.dispatch',
    'orders.nudge',
    'orders.redo',
    'orders.note',
    'orders.review',
    'orders.arbitrate',
    'orders.supervise',
    'orders.merge',
    'orders.export',
    'requests.read',
    'statistics.read',
    'wall.read',
    'people.read',
    'people.import',
    'people.merge',
    // Masks only: whoever watches over the work needs figures, not numbers.
    'people.export',
    'glass.break',
    'glass.review',
    'appeals.answer',
    'policy.enact',
    'decisions.read',
    'tubes.read',
    'recalls.read',
    'screening.read',
    'screening.door',
    'rounds.open',
    'sites.edit',
    'slots.plan',
    'capacity.lab',
    'capacity.place',
    'boxes.redirect',
  ],
  commander: [
    'orders.read',
    'orders.nudge',
    'orders.note',
    'orders.supervise',
    'orders.export',
    'statistics.read',
    'wall.read',
    'policy.enact',
    'decisions.read',
    'screening.read',
    'rounds.open',
  ],
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

/** 310101199003071234 → 310***********1234: the place where it was given out and the end. */
export function maskIdNumber(number: string): string {
  if (number.length < 8) return '*'.repeat(number.length)
  const head = number.length >= 15 ? 3 : 1
  const tail = number.length >= 15 ? 4 : 2
  return number.slice(0, head) + '*'.repeat(number.length - head - tail) + number.slice(-tail)
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
