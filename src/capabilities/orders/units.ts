import { oncePerApp, type App } from '#kernel/app.ts'
import { allUnits } from '#capabilities/people/index.ts'

export type UnitRow = Awaited<ReturnType<typeof allUnits>>[number]

const units = oncePerApp(async (app) => new Map((await allUnits(app.db)).map((u) => [u.id, u])))

/** Units by id, in memory: 591 in the demonstration, read once. */
export const unitsOf = (app: App): Promise<Map<string, UnitRow>> => units.get(app)
