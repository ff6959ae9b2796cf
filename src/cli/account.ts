import { parseArgs } from 'node:util'
import { service } from '#kernel/auth.ts'
import { newId } from '#kernel/ids.ts'
import { StartError } from '#kernel/start-error.ts'
import { makeAccount } from '#capabilities/people/index.ts'
import { Role } from '#capabilities/people/contract.ts'
import { getKnownPlace } from '#capabilities/places/index.ts'
import { withCity } from './tools.ts'

export const ACCOUNT_USAGE = `account create --username NAME --name "FULL NAME" [--role administrator] [--place 31]
      makes an account and prints its one-time password; a city without the demonstration begins with this one`

/** `cityloop account create`: the first administrator; every later account is made by one, through the API. */
export async function accountCommand(args: string[]): Promise<number> {
  if (args[0] !== 'create')
    throw new StartError(
      { zh: `用法：cityloop ${ACCOUNT_USAGE}`, en: `Usage: cityloop ${ACCOUNT_USAGE}` },
      { exitCode: 2 },
    )
  const text = { type: 'string' } as const
  let values: { username?: string; name?: string; role?: string; place?: string }
  try {
    values = parseArgs({
      args: args.slice(1),
      options: { username: text, name: text, role: text, place: text },
    }).values
  } catch (error) {
    throw new StartError(
      { zh: `参数无效：${(error as Error).message}`, en: (error as Error).message },
      { exitCode: 2 },
    )
  }
  const { username, name, place = '31' } = values
  const role = Role.exclude(['resident', 'simulator']).safeParse(values.role ?? 'administrator')
  if (!username || !/^[A-Za-z0-9][A-Za-z0-9._@+-]{1,59}$/.test(username) || !name)
    throw new StartError(
      {
        zh: '需要 --username（字母数字）和 --name',
        en: '--username (letters and digits) and --name are needed',
      },
      { exitCode: 2 },
    )
  if (!role.success)
    throw new StartError(
      { zh: `--role 无效：${values.role}`, en: `--role is not one of the roles: ${values.role}` },
      { exitCode: 2 },
    )
  return withCity(async (app) => {
    await getKnownPlace(app, place).catch(() => {
      throw new StartError(
        { zh: `没有代码为 ${place} 的地点`, en: `There is no place with the code ${place}` },
        { exitCode: 2 },
      )
    })
    const grant = { role: role.data, placeCode: place, unitId: null, until: null }
    const { oneTimePassword } = await makeAccount(app, service('cityloop account'), {
      id: newId(),
      username,
      name,
      placeCode: place,
      grants: [grant],
    })
    process.stderr.write(
      `${username}：首次登录须修改密码 / the password must be changed at the first sign-in\n`,
    )
    process.stdout.write(`${oneTimePassword}\n`)
    return 0
  })
}
