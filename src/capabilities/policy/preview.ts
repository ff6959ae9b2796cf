import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import { recompute } from './decide.ts'
import { hashOf, type Body } from './files.ts'
import { policyAt, policyKept } from './in-force.ts'
import type { Preview } from './packs.contract.ts'
import { makePolicy, type Policy } from './rules.ts'
import * as store from './store.ts'

const EXAMPLES = 20

/** A content as the policy that it would make at a place, were it in force now. */
export async function policyUnder(app: App, body: Body): Promise<Policy> {
  if (!('overlay' in body)) return makePolicy(body.pack, body.elements, hashOf(body))
  const now = await policyAt(app, {})
  const city = (await policyKept(app, now.hash, []))!
  return makePolicy(city.pack, city.elements, city.hash, [{ hash: hashOf(body), body: body.overlay }])
}

/**
 * Makes the last decisions again under a content that is not in force: how many would have come out otherwise. Only
 * those that the actor may see count; an overlay looks at its own place. 2,000 take about a second.
 */
export async function previewOf(app: App, actor: Actor, body: Body, last: number): Promise<Preview> {
  const policy = await policyUnder(app, body)
  const place = 'overlay' in body ? body.overlay.place : undefined
  const rows = await within(app.db, scopeOf(actor, 'decisions.read'), (trx) =>
    store.lastDecisions(trx, { place, limit: last }),
  )
  const kinds = new Map<string, { kind: string; looked: number; changed: number }>()
  const preview: Preview = { looked: 0, notRecomputable: 0, changed: 0, byKind: [], examples: [] }
  for (const row of rows) {
    const again = await recompute(app, row, policy)
    if (again.impossible !== null) {
      preview.notRecomputable++
      continue
    }
    const kind = kinds.get(row.kind) ?? { kind: row.kind, looked: 0, changed: 0 }
    kinds.set(row.kind, kind)
    kind.looked++
    preview.looked++
    if (again.same) continue
    kind.changed++
    preview.changed++
    if (preview.examples.length < EXAMPLES)
      preview.examples.push({
        decisionId: row.id,
        kind: row.kind,
        from: row.outcome as never,
        to: again.verdict.outcome as never,
        reasons: again.verdict.reasons,
      })
  }
  return { ...preview, byKind: [...kinds.values()] }
}
