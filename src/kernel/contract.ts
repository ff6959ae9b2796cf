import { z } from 'zod'

/**
 * How a route may be given up when more comes in than the machine can carry, first to last
 * (ARCHITECTURE.md, "Order of sacrifice"). A glance is a read answered from memory, without the database.
 */
export const LOAD_CLASSES = ['decoration', 'statistics', 'write', 'read', 'glance', 'emergency'] as const
export type LoadClass = (typeof LOAD_CLASSES)[number]

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One address of the API: what goes in, what comes out, and how early it is given up under load. */
export type Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> = {
  id: string
  method: Method
  path: string
  summary: { zh: string; en: string }
  load: LoadClass
  params: P
  query: Q
  body: B
  response: R
  /** A file instead of JSON: the media types taken and the most bytes of it. The body is a Buffer then. */
  upload?: { types: readonly string[]; bytes: number }
  /** On the path of the crowd: answers are held against the contract in tests, not at every call. */
  crowd?: boolean
  /** Speaks another standard's media type and errors (HL7 FHIR: OperationOutcome). */
  speaks?: 'fhir'
}

const Empty = z.strictObject({})
type Empty = typeof Empty

/** Declares a route; parts that are left out accept nothing (unknown fields are refused). */
export function route<
  P extends z.ZodType = Empty,
  Q extends z.ZodType = Empty,
  B extends z.ZodType = Empty,
  R extends z.ZodType = z.ZodType,
>(given: {
  id: string
  method: Method
  path: string
  summary: { zh: string; en: string }
  load?: LoadClass
  params?: P
  query?: Q
  body?: B
  response: R
  upload?: { types: readonly string[]; bytes: number }
  crowd?: boolean
  speaks?: 'fhir'
}): Route<P, Q, B, R> {
  return {
    load: given.method === 'GET' ? 'read' : 'write',
    params: Empty as unknown as P,
    query: Empty as unknown as Q,
    body: Empty as unknown as B,
    ...given,
  }
}

/** Something that happened, with the shape of what it says. Who hears it stands in src/loop.ts. */
export type EventType<T extends z.ZodType = z.ZodType> = { type: string; data: T }

export function event<T extends z.ZodType>(type: string, data: T): EventType<T> {
  return { type, data }
}

/** Text in both languages; the Chinese stands first everywhere. */
export const Bilingual = z.object({ zh: z.string(), en: z.string() })
export type Bilingual = z.infer<typeof Bilingual>

/** Made by the client, so that sending twice is harmless. */
export const ClientId = z.uuid()

/** Division code: city 2, district 6, subdistrict 9, neighbourhood 12, then compound 15 … room 23 digits. */
export const PlaceCode = z
  .string()
  .regex(/^(\d{2}|\d{6}|\d{9}|\d{12}|\d{15}|\d{18}|\d{19}|\d{21}|\d{23})$/, 'place_code_malformed')

/** City time as an ISO instant with offset. */
export const Instant = z.iso.datetime({ offset: true })

/** Text typed by a person: no control characters, which PostgreSQL or a terminal would choke on. */
export const typed = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    // oxlint-disable-next-line no-control-regex -- refusing control characters is the purpose
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'control_characters')
    .refine((s) => s.isWellFormed(), 'broken_unicode')
    .refine((s) => s.trim().length >= min, 'blank')

/** One page of a list by keyset: `next` goes back in as `after`. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** RFC 9457 problem details; `code` is stable, `title` tells the person what to do. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  titleZh: z.string(),
  detail: z.string().optional(),
  fields: z.array(z.object({ path: z.string(), code: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
