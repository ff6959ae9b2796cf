import { z } from 'zod'
import { ClientId, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'
import { Role } from './contract.ts'
import { Sessions, byId } from './my-account.contract.ts'

const GivenGrant = z.strictObject({
  role: Role.exclude(['resident', 'simulator']),
  placeCode: PlaceCode,
  unitId: z.string().max(80).nullable().default(null),
  /** Wall time; now when left out. */
  from: Instant.optional(),
  until: Instant.nullable().default(null),
})
export type GivenGrant = z.infer<typeof GivenGrant>

export const AccountView = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  placeCode: z.string(),
  disabled: z.boolean(),
  locked: z.boolean(),
  simulated: z.boolean(),
  passwordOnce: z.boolean(),
  oidcAllowed: z.boolean(),
  secondFactor: z.boolean(),
  grants: z.array(
    z.object({
      id: z.string(),
      role: Role,
      placeCode: z.string(),
      unitId: z.string().nullable(),
      from: Instant,
      until: Instant.nullable(),
    }),
  ),
})
export type AccountView = z.infer<typeof AccountView>

export const ListAccounts = route({
  id: 'people.accounts',
  method: 'GET',
  path: '/api/accounts',
  summary: { zh: '辖区内的账号', en: 'Accounts of my place, by user name' },
  query: z.strictObject({ after: typed(1, 60).optional() }),
  response: page(AccountView),
})

export const CreateAccount = route({
  id: 'people.createAccount',
  method: 'POST',
  path: '/api/accounts',
  summary: { zh: '新建账号', en: 'Create an account; its one-time password is shown once' },
  body: z.strictObject({
    id: ClientId,
    username: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{1,59}$/, 'username_malformed'),
    name: typed(1, 60),
    placeCode: PlaceCode,
    grants: z.array(GivenGrant).max(20).default([]),
  }),
  response: z.object({ account: AccountView, oneTimePassword: z.string() }),
})

const onAccount = <B extends z.ZodType, R extends z.ZodType>(
  id: string,
  path: string,
  zh: string,
  en: string,
  body: B,
  response: R,
) =>
  route({
    id: `people.${id}`,
    method: 'POST',
    path: `/api/accounts/:id/${path}`,
    summary: { zh, en },
    params: byId,
    body,
    response,
  })
const nothing = z.strictObject({})

export const AddGrant = onAccount('addGrant', 'grants', '授权', 'Grant a role', GivenGrant, AccountView)
export const EndGrant = onAccount(
  'endGrant',
  'grants/end',
  '结束授权',
  'End a grant now',
  z.strictObject({ grantId: z.uuid() }),
  AccountView,
)
export const DisableAccount = onAccount(
  'disableAccount',
  'disable',
  '停用账号',
  'Disable an account; its sessions end',
  nothing,
  AccountView,
)
export const EnableAccount = onAccount(
  'enableAccount',
  'enable',
  '恢复账号',
  'Enable an account again',
  nothing,
  AccountView,
)
export const ResetPassword = onAccount(
  'resetPassword',
  'password',
  '重置密码',
  'Give a new one-time password; sessions end',
  nothing,
  z.object({ oneTimePassword: z.string() }),
)
export const ResetSecondFactor = onAccount(
  'resetSecondFactor',
  'second-factor/reset',
  '清除丢失的动态码',
  'Remove a second factor that was lost; sessions end',
  nothing,
  AccountView,
)
export const SetOidc = onAccount(
  'setOidc',
  'oidc',
  '统一身份登录',
  'Allow sign-in through the identity provider, and link a subject of it',
  z.strictObject({ allowed: z.boolean(), subject: typed(1, 255).optional() }),
  AccountView,
)
export const RevokeAccountSession = onAccount(
  'revokeAccountSession',
  'sessions/revoke',
  '结束该账号的登录',
  'End one session of an account, or all of them',
  z.strictObject({ sessionId: z.uuid().optional() }),
  z.object({ ended: z.int() }),
)

export const ListAccountSessions = route({
  id: 'people.accountSessions',
  method: 'GET',
  path: '/api/accounts/:id/sessions',
  summary: { zh: '该账号的登录', en: 'Sessions of an account' },
  params: byId,
  response: Sessions,
})
