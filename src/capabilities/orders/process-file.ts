import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ActionInput } from './contract.ts'

const Words = { zh: z.string().min(1), en: z.string().min(1) }

/** The file form of a collaborative process: a matter, its lead, helpers in parallel or in turn, one answer. */
export const Process = z.strictObject({
  id: z.string().min(1),
  ...Words,
  /** The elements whose orders it is for. */
  elements: z.array(z.string()).min(1),
  /** `at_once`: the helpers begin when the order is first sent out; `offered`: when somebody says so. */
  start: z.enum(['at_once', 'offered']),
  lead: z.string(),
  steps: z
    .array(
      z
        .array(
          z
            .strictObject({
              department: z.string(),
              level: z.enum(['city', 'district', 'subdistrict']),
              ...Words,
              minutes: z.int().positive().optional(),
              workingDays: z.int().positive().optional(),
            })
            .refine((h) => (h.minutes === undefined) !== (h.workingDays === undefined), 'one span'),
        )
        .min(1),
    )
    .min(1),
  /** `{parts}` stands where the helpers' answers go. */
  answer: z.strictObject(Words),
})
export type Process = z.infer<typeof Process>

const Template = z.strictObject({
  id: z.string(),
  action: ActionInput.shape.action,
  elements: z.array(z.string()).default([]),
  zh: z.string().min(1),
  en: z.string().min(1),
})
export type Template = z.infer<typeof Template>

const read = (file: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, '../../../policies', file), 'utf8'))

export const PROCESSES: readonly Process[] = z.array(Process).parse(read('processes.yaml'))
export const TEMPLATES: readonly Template[] = z.array(Template).parse(read('templates.yaml'))

const byElement = new Map(PROCESSES.flatMap((p) => p.elements.map((e) => [e, p] as const)))

/** The process that orders of an element are for. */
export const processFor = (element: string | null): Process | undefined =>
  element === null ? undefined : byElement.get(element)

export const findProcess = (id: string | null): Process | undefined => PROCESSES.find((p) => p.id === id)
