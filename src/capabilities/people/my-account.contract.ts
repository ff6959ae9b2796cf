import { z } from 'zod'
import { Instant, route } from '#kernel/contract.ts'
import { Me, Must } from './contract.ts'

export const Done = z.object({ ok: z.literal(true) })
export const byId = z.strictObject({ id: z.uuid() })
export const Password = z.string().min(12, 'password_too_short').max(200)
/** Six digits of the authenticator, or one of the recovery codes. */
const SecondCode = z.string().regex(/^(\d{6}|[a-z2-7]{5}-[a-z2-7]{5})$/, 'code_malformed')

export const GetSignInOptions = route({
  id: 'people.signInOptions',
  method: 'GET',
  path: '/api/sign-in-options',
  summary: { zh: '可用的登录方式', en: 'Which ways to sign in there are' },
  load: 'emergency',
  response: z.object({ oidc: z.boolean() }),
})

export const SignInSecond = route({
  id: 'people.signInSecond',
  method: 'POST',
  path: '/api/session/second',
  summary: { zh: '登录第二步：动态码', en: 'Second step of the sign-in: the code' },
  load: 'emergency',
  body: z.strictObject({ code: SecondCode }),
  response: Me,
})

export const MyAccount = z.object({
  username: z.string(),
  name: z.string(),
  secondFactor: z.object({ on: z.boolean(), recoveryCodesLeft: z.int() }),
  must: Must.nullable(),
})
export type MyAccount = z.infer<typeof MyAccount>

export const GetMyAccount = route({
  id: 'people.myAccount',
  method: 'GET',
  path: '/api/account',
  summary: { zh: '我的账号', en: 'My account' },
  response: MyAccount,
})

export const ChangePassword = route({
  id: 'people.changePassword',
  method: 'POST',
  path: '/api/account/password',
  summary: { zh: '修改我的密码', en: 'Change my password; all other sessions end' },
  body: z.strictObject({ old: z.string().min(1).max(200), new: Password }),
  response: Done,
})

export const SetUpSecondFactor = route({
  id: 'people.setUpSecondFactor',
  method: 'POST',
  path: '/api/account/second-factor',
  summary: { zh: '设置动态码', en: 'Begin to set up a second factor' },
  response: z.object({ secret: z.string(), uri: z.string() }),
})

const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

export const ConfirmSecondFactor = route({
  id: 'people.confirmSecondFactor',
  method: 'POST',
  path: '/api/account/second-factor/confirm',
  summary: { zh: '用动态码确认启用', en: 'Turn the second factor on with a first code' },
  body: z.strictObject({ code: z.string().regex(/^\d{6}$/, 'code_malformed') }),
  response: RecoveryCodes,
})

export const RenewRecoveryCodes = route({
  id: 'people.renewRecoveryCodes',
  method: 'POST',
  path: '/api/account/second-factor/recovery-codes',
  summary: { zh: '重新生成恢复码', en: 'New recovery codes; the old ones end' },
  body: z.strictObject({ code: SecondCode }),
  response: RecoveryCodes,
})

export const DisableSecondFactor = route({
  id: 'people.disableSecondFactor',
  method: 'POST',
  path: '/api/account/second-factor/disable',
  summary: { zh: '停用动态码', en: 'Turn the second factor off' },
  body: z.strictObject({ code: SecondCode }),
  response: Done,
})

/** Times are wall time; device and address are shortened. */
export const SessionView = z.object({
  id: z.string(),
  device: z.string(),
  address: z.string(),
  createdAt: Instant,
  seenAt: Instant,
  expiresAt: Instant,
  current: z.boolean(),
})
export type SessionView = z.infer<typeof SessionView>
export const Sessions = z.object({ items: z.array(SessionView) })

export const ListMySessions = route({
  id: 'people.mySessions',
  method: 'GET',
  path: '/api/account/sessions',
  summary: { zh: '我的登录', en: 'Where I am signed in' },
  response: Sessions,
})

export const RevokeMySession = route({
  id: 'people.revokeMySession',
  method: 'DELETE',
  path: '/api/account/sessions/:id',
  summary: { zh: '结束我的一个登录', en: 'End one of my sessions' },
  params: byId,
  response: Done,
})

export const RevokeMyOtherSessions = route({
  id: 'people.revokeMyOtherSessions',
  method: 'POST',
  path: '/api/account/sessions/revoke-others',
  summary: { zh: '结束我的其他登录', en: 'End all my sessions but this one' },
  response: z.object({ ended: z.int() }),
})

export const StartOidc = route({
  id: 'people.startOidc',
  method: 'GET',
  path: '/api/oidc/start',
  summary: { zh: '去统一身份登录', en: 'To the identity provider (redirect)' },
  load: 'emergency',
  response: z.unknown(),
})

export const FinishOidc = route({
  id: 'people.finishOidc',
  method: 'GET',
  path: '/api/oidc/callback',
  summary: { zh: '统一身份登录返回', en: 'Back from the identity provider (redirect to the console)' },
  load: 'emergency',
  query: z.looseObject({ state: z.string().max(200).optional() }),
  response: z.unknown(),
})
