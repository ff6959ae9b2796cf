import { parseArgs } from 'node:util'
import { StartError } from '#kernel/start-error.ts'
import { createKey } from '#capabilities/people/index.ts'
import { Role } from '#capabilities/people/contract.ts'
import { findPlacePath, getKnownPlace } from '#capabilities/places/index.ts'
import { withCity } from './tools.ts'

export const KEY_USAGE = `key create --role ROLE --place CODE [--days N] [--unit UNIT]
      makes an API key for a machine and prints it once: Authorization: Bearer <key>
      roles: ${Role.options.filter((r) => r !== 'resident' && r !== 'simulator').join(' ')}`

/** `cityloop key create`: the secret goes to stdout alone, so that it can be piped; everything else to stderr. */
export async function createMachineKey(args: string[]): Promise<number> {
  if (args[0] !== 'create')
    throw new StartError(
      { zh: `用法：cityloop ${KEY_USAGE}`, en: `Usage: cityloop ${KEY_USAGE}` },
      { exitCode: 2 },
    )
  let values: { role?: string; place?: string; days?: string; unit?: string }
  try {
    values = parseArgs({
      args: args.slice(1),
      options: {
        role: { type: 'string' },
        place: { type: 'string' },
        days: { type: 'string' },
        unit: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new StartError(
      { zh: `参数无效：${(error as Error).message}`, en: (error as Error).message },
      { exitCode: 2 },
    )
  }
  const role = Role.safeParse(values.role)
  const days = Number(values.days ?? '30')
  if (!role.success || role.data === 'resident')
    throw new StartError(
      {
        zh: `--role 无效：${values.role ?? '（缺）'}`,
        en: `--role is not one of the roles: ${values.role ?? '(missing)'}`,
      },
      { exitCode: 2 },
    )
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new StartError(
      { zh: '--days 须为 1 到 366 的整数', en: '--days takes a whole number from 1 to 366' },
      { exitCode: 2 },
    )
  const place = values.place
  if (!place)
    throw new StartError({ zh: '缺少 --place 区划代码', en: '--place CODE is missing' }, { exitCode: 2 })
  return withCity(async (app) => {
    await getKnownPlace(app, place).catch(() => {
      throw new StartError(
        { zh: `没有代码为 ${place} 的地点`, en: `There is no place with the code ${place}` },
        { exitCode: 2 },
      )
    })
    const { id, secret, expiresAt } = await createKey(app, {
      role: role.data,
      place,
      days,
      ...(values.unit && { unit: values.unit }),
    })
    process.stderr.write(
      `${id}  ${role.data}  ${await findPlacePath(app, place)}  ${expiresAt.toISOString()}\n`,
    )
    process.stdout.write(`${secret}\n`)
    return 0
  })
}
