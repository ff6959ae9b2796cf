import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { StartError } from '#kernel/start-error.ts'
import {
  composePack,
  ElementsFile,
  OverlayFile,
  PackFile,
  PartFile,
  type Pack,
  type PackParameter,
} from './pack.ts'
import { faultsOfOverlay, faultsOfPack, makePolicy, type Policy } from './rules.ts'

const FOLDER = join(import.meta.dirname, '../../../policies')

/** What is kept and signed: a city's pack with the dictionary that it was checked with, or a district's overlay. */
export type Body = { pack: Pack; elements: ElementsFile } | { overlay: OverlayFile }

/** The name of a content: SHA-256 of its JSON with sorted keys, so that a database that reorders keys gives the same. */
export const hashOf = (body: unknown): string =>
  createHash('sha256')
    .update(
      JSON.stringify(body, (_key, value: unknown) =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
          : value,
      ),
    )
    .digest('hex')

const read = (path: string): unknown => parse(readFileSync(path, 'utf8'), { maxAliasCount: 100 })

/** The parts that ship with the product, by name. */
export function readParts(): Map<string, PartFile> {
  const folder = join(FOLDER, 'parts')
  return new Map(
    readdirSync(folder)
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => [basename(f, '.yaml'), PartFile.parse(read(join(folder, f)))]),
  )
}

let shipped: PackParameter[] | undefined

/**
 * The parameters that this release reads and the pack has not, or has as another kind. They come from the parts: a pack signed before a number existed must
 * not stop the city that is upgraded. No rule of such a pack can name them, so what was decided under it stays as it was.
 */
export function numbersLacking(pack: Pack): PackParameter[] {
  shipped ??= [...readParts().values()].flatMap((part) => part.parameters)
  return shipped.filter((s) => {
    const own = pack.parameters.find((p) => p.id === s.id)
    return !own || typeof own.value !== typeof s.value
  })
}

export const readElements = (): ElementsFile =>
  ElementsFile.parse(read(join(FOLDER, 'elements.shanghai.yaml')))

/** Ids of the packs that ship with the product, oldest first. */
export const shippedPacks = (): string[] =>
  readdirSync(FOLDER)
    .filter((f) => /-\d{4}-\d\d-\d\d\.yaml$/.test(f))
    .map((f) => basename(f, '.yaml'))
    .sort((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1))

/** What somebody wrote, read as a pack or an overlay; `faults` is everything that is wrong with it. */
export type Read = { body: Body | null; faults: string[] }

const said = (error: unknown): string[] =>
  error instanceof z.ZodError
    ? error.issues.map((i) => `${i.path.join('.') || 'file'}: ${i.message}`)
    : [(error as Error).message.slice(0, 500)]

/**
 * Reads YAML or JSON. An overlay is recognised by `over` and checked against the pack that it lies over (`packOf`,
 * newest version of that id). Never throws.
 */
export function readBody(text: string, packOf: (id: string) => Pack | undefined): Read {
  try {
    const raw: unknown = parse(text, { maxAliasCount: 100 })
    if (typeof raw === 'object' && raw !== null && 'over' in raw) {
      const overlay = OverlayFile.parse(raw)
      const under = packOf(overlay.over)
      if (!under) return { body: null, faults: [`there is no pack ${overlay.over} to lie over`] }
      return { body: { overlay }, faults: faultsOfOverlay(overlay, under) }
    }
    const pack = composePack(PackFile.parse(raw), readParts())
    const elements = readElements()
    const lacking = numbersLacking(pack).map(({ id, value }) => `a ${typeof value} ${id} is needed`)
    return { body: { pack, elements }, faults: [...faultsOfPack(pack, elements), ...lacking] }
  } catch (error) {
    return { body: null, faults: said(error) }
  }
}

/** Reads a shipped pack; a fault is one sentence at the start of the server. */
export function readPack(packId: string): { pack: Pack; elements: ElementsFile } {
  if (!/^[\w-]+$/.test(packId))
    throw new StartError({ zh: `政策包名称无效：${packId}`, en: `Not a policy pack: ${packId}` })
  let text: string
  try {
    text = readFileSync(join(FOLDER, `${packId}.yaml`), 'utf8')
  } catch {
    throw new StartError({ zh: `没有政策包 ${packId}`, en: `There is no policy pack ${packId}` })
  }
  const { body, faults } = readBody(text, () => undefined)
  if (!body || !('pack' in body) || faults.length > 0)
    throw new StartError({
      zh: `政策包 ${packId} 无法使用：${faults.join('；').slice(0, 500)}`,
      en: `The policy pack ${packId} cannot be used: ${faults.join('; ').slice(0, 500)}`,
    })
  return body
}

/** A shipped pack as a policy without overlays: for pure rules and their tests. */
export function readPolicy(packId: string): Policy {
  const body = readPack(packId)
  return makePolicy(body.pack, body.elements, hashOf(body))
}
