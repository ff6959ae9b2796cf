import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { oncePerApp, type App } from '#kernel/app.ts'
import type { Db, Trx } from '#kernel/db.ts'
import { StartError } from '#kernel/start-error.ts'
import { ElementsFile, makePolicy, PackFile, type Policy } from './rules.ts'

declare module '#kernel/db.ts' {
  interface DB {
    policy_pack: {
      id: string
      version: string
      body: unknown
      hash: string
      in_force_from: Date
      loaded_at: Date
    }
    decision: {
      id: string
      kind: string
      subject_id: string
      place_code: string
      outcome: unknown
      reasons: unknown
      evidence: unknown
      pack_id: string
      clause: string
      issuer: string
      decided_at: Date
    }
  }
}

const FOLDER = join(import.meta.dirname, '../../../policies')

/** Reads a pack and the element dictionary from policies/; a fault is one sentence at the start of the server. */
export function readPolicy(packId: string): Policy {
  if (!/^[\w-]+$/.test(packId))
    throw new StartError({ zh: `政策包名称无效：${packId}`, en: `Not a policy pack: ${packId}` })
  try {
    const pack = PackFile.parse(parse(readFileSync(join(FOLDER, `${packId}.yaml`), 'utf8')))
    const elements = ElementsFile.parse(parse(readFileSync(join(FOLDER, 'elements.shanghai.yaml'), 'utf8')))
    return makePolicy(pack, elements)
  } catch (error) {
    throw new StartError({
      zh: `政策包 ${packId} 无法使用`,
      en: `The policy pack ${packId} cannot be used: ${(error as Error).message.slice(0, 500)}`,
    })
  }
}

const policy = oncePerApp<Policy>(async (app) => {
  const read = readPolicy(app.config.pack)
  const body = JSON.stringify(read.pack)
  const row = {
    id: read.pack.id,
    version: read.pack.version,
    body,
    hash: createHash('sha256').update(body).digest('hex'),
    in_force_from: new Date(read.pack.inForceFrom),
    loaded_at: new Date(),
  }
  await app.db
    .insertInto('policy_pack')
    .values(row)
    .onConflict((c) => c.column('id').doUpdateSet(row))
    .execute()
  return read
})

/** The policy in force in the running city. */
export const policyOf = (app: App): Promise<Policy> => policy.get(app)

/** A decision as it is kept: what came out, why, from what, by which clause of which pack. */
export type Decided = {
  id: string
  kind: string
  subjectId: string
  placeCode: string
  outcome: unknown
  reasons: { zh: string; en: string }[]
  evidence: unknown
  packId: string
  clause: string
  issuer: string
  at: Date
}

export async function recordDecision(db: Db | Trx, d: Decided): Promise<void> {
  await db
    .insertInto('decision')
    .values({
      id: d.id,
      kind: d.kind,
      subject_id: d.subjectId,
      place_code: d.placeCode,
      outcome: JSON.stringify(d.outcome),
      reasons: JSON.stringify(d.reasons),
      evidence: JSON.stringify(d.evidence),
      pack_id: d.packId,
      clause: d.clause,
      issuer: d.issuer,
      decided_at: d.at,
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute()
}
