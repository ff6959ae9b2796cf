import { parentPort, workerData } from 'node:worker_threads'
import { openVault } from '#kernel/crypto.ts'
import { idFrom } from '#kernel/ids.ts'
import type { ImportProblem } from './import-words.contract.ts'
import { checkLine, lineKey, type CheckedLine } from './import-check.ts'
import { readRegister } from './import-file.ts'
import { plainName, sealPerson, type Homes, type PersonColumns } from './identity.ts'

export type WorkerInput = {
  bytes: Uint8Array
  key: { key: string | undefined; keyFile: string }
  /** Known place codes, a line each. */
  places: string
  within: string
  /** How many batches have been written so far. */
  taken: Int32Array<SharedArrayBuffer>
}

/** The columns of some lines, each as text with one value a line ('' is null): the quickest way into PostgreSQL. */
export type Batch = { lines: number; columns: string[] }
export type WorkerSays =
  | { kind: 'batch'; batch: Batch }
  | { kind: 'problem'; problem: ImportProblem }
  | { kind: 'end'; lines: number }

/** What a batch carries, in this order; import-run.ts names them to the database in the same order. */
const PERSON_COLUMNS = [
  'place_code',
  'name_sealed',
  'phone_sealed',
  'phone_hash',
  'id_kind',
  'id_number_sealed',
  'id_number_hash',
  'birth_year',
  'birth_month',
  'sex',
  'residence_sealed',
  'residence_hash',
  'alike_hash',
  'occupation',
  'needs',
  'simulated',
] as const satisfies readonly (keyof PersonColumns)[]
/** 5,000 lines are some 3 MB and a quarter of a second: the bar moves, and little is held twice. */
const LINES = 5_000

const input = workerData as WorkerInput
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
const say = (message: WorkerSays) => parentPort!.postMessage(message)

/** The other side writes one batch while the next is being made; more would only fill memory. */
function waitForRoom(sent: number): void {
  for (;;) {
    const taken = Atomics.load(input.taken, 0)
    if (sent - taken < 2) return
    Atomics.wait(input.taken, 0, taken)
  }
}

async function work(): Promise<void> {
  const read = await readRegister(
    Buffer.from(input.bytes.buffer, input.bytes.byteOffset, input.bytes.byteLength),
  )
  if (!read.ok) return say({ kind: 'problem', problem: read.problem })
  const { columns, lines } = read.sheet
  const vault = openVault(input.key)
  const where = { known: new Set(input.places.split('\n')), within: input.within }
  const homes: Homes = new Map()
  const seen = new Set<string>()
  const byPhone = new Map<string, string>()
  const byAlike = new Map<string, string>()
  let sent = 0

  const oneLine = (checked: CheckedLine): string[] => {
    const none = PERSON_COLUMNS.map(() => '')
    const head = (status: string, notes: readonly string[]) => [String(checked.line), status, notes.join(',')]
    if (!('facts' in checked)) return [...head(checked.status, checked.notes), '', ...none, '', '']
    const { facts } = checked
    const person = sealPerson(vault, facts, homes)
    const id = idFrom('person', person.id_number_hash ?? vault.fingerprint(lineKey(facts), 'person.line'))
    if (seen.has(id)) {
      const note = facts.idNumber ? 'same_number_above' : 'same_line_above'
      return [...head('unused', [...checked.notes, note]), '', ...none, '', '']
    }
    seen.add(id)
    const phoneKey = person.phone_hash && `${person.phone_hash} ${plainName(facts.name)}`
    const above = (phoneKey && byPhone.get(phoneKey)) ?? (person.alike_hash && byAlike.get(person.alike_hash))
    const why = phoneKey && byPhone.has(phoneKey) ? 'phone_name' : 'name_birth_residence'
    if (phoneKey && !byPhone.has(phoneKey)) byPhone.set(phoneKey, id)
    if (person.alike_hash && !byAlike.has(person.alike_hash)) byAlike.set(person.alike_hash, id)
    return [
      ...head(checked.status, checked.notes),
      id,
      ...PERSON_COLUMNS.map((column) => String(person[column] ?? '')),
      ...(above ? [above, why] : ['', '']),
    ]
  }

  for (let from = 0; from < lines.length; from += LINES) {
    waitForRoom(sent)
    const cells = lines
      .slice(from, from + LINES)
      .map((line, k) => oneLine(checkLine(line, columns, from + k + 2, where)))
    const batch = {
      lines: cells.length,
      columns: cells[0]!.map((_, c) => cells.map((row) => row[c]).join('\n')),
    }
    say({ kind: 'batch', batch })
    sent++
  }
  say({ kind: 'end', lines: lines.length })
}

await work()
