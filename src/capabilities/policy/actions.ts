import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { Bilingual } from '#kernel/contract.ts'
import type { Given } from '#kernel/http.ts'
import { Answer, type Element, type GetPack, type ListElements, type SearchAnswers } from './contract.ts'
import { policyOf } from './in-force.ts'

export async function getPack(app: App, _actor: Actor, _given: Given<typeof GetPack>) {
  const { pack } = await policyOf(app)
  return {
    id: pack.id,
    version: pack.version,
    title: pack.title,
    inForceFrom: pack.inForceFrom,
    parameters: pack.parameters.map(({ district: _district, ...rest }) => rest),
  }
}

export async function listElements(app: App, _actor: Actor, _given: Given<typeof ListElements>) {
  const { elements, pack } = await policyOf(app)
  const urgent = new Set(pack.urgencies.map((u) => u.element))
  const named = (x: { id: string; zh: string; en: string }) => ({ id: x.id, name: { zh: x.zh, en: x.en } })
  return {
    departments: elements.departments.map(named),
    scenes: elements.scenes.map(named),
    elements: elements.elements.map((e): Element => ({
      ...named(e),
      scene: e.scene,
      department: e.dept,
      level: e.level,
      words: e.words,
      urgent: urgent.has(e.id),
      handleMinutes: e.minutes ?? null,
      handleWorkingDays: e.workingDays ?? null,
    })),
  }
}

const answers = z
  .array(
    Answer.extend({
      words: z.array(z.string()),
      question: Bilingual.strict(),
      answer: Bilingual.strict(),
    }).strict(),
  )
  .parse(parse(readFileSync(join(import.meta.dirname, '../../../policies/answers.yaml'), 'utf8')))

/** Answers whose words the text holds, best first; without a text all of them. */
export async function searchAnswers(_app: App, _actor: Actor, { query }: Given<typeof SearchAnswers>) {
  const scored = answers.map((a) => ({
    a,
    score: query.q === '' ? 1 : a.words.filter((w) => query.q.includes(w)).length,
  }))
  return {
    items: scored
      .filter((x) => x.score > 0)
      .sort((x, y) => y.score - x.score)
      .map(({ a: { words: _words, ...a } }) => a),
  }
}
