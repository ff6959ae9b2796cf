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
  ],
  sampler: [],
  lab: [],
  epidemiologist: ['orders.read', 'orders.note'],
  transfer_coordinator: ['orders.read', 'orders.note'],
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
  ],
  handler: [
    'orders.read',
    'orders.sign',
    'orders.return',
    'orders.resolve',
    'orders.note',
    'requests.read',
    'statistics.read',
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
  ],
  commander: ['orders.read', 'orders.nudge', 'orders.note', 'statistics.read', 'wall.read'],
  company: [],
  courier: [],
  gate: [],
  administrator: ['wall.read', 'statistics.read', 'imports.write', 'keys.create'],
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
