import { z } from 'zod'
import { Bilingual, ClientId, event, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'
import { Need } from './needs.contract.ts'

export const Role = z.enum([
  'resident',
  'neighbourhood_worker',
  'sampler',
  'lab',
  'epidemiologist',
  'transfer_coordinator',
  'agent',
  'handler',
  'supervisor',
  'commander',
  'company',
  'courier',
  'gate',
  'administrator',
  'auditor',
  'simulator',
])
export type Role = z.infer<typeof Role>

/** A mainland mobile number; the demonstration uses only 199 0000 xxxx and 199 0001 xxxx … (simulated people). */
export const Phone = z.string().regex(/^1\d{10}$/, 'phone_malformed')

export const IdKind = z.enum(['resident_id', 'passport', 'hk_macao_pass', 'taiwan_pass', 'other'])
export type IdKind = z.infer<typeof IdKind>
export const Sex = z.enum(['male', 'female'])
export type Sex = z.infer<typeof Sex>

/** What an account must do before its roles count. */
export const Must = z.enum(['password', 'second_factor'])

export const Me = z.object({
  /** Opaque and stable: tells two people on one device apart, says nothing about them. */
  id: z.uuid().nullable(),
  kind: z.enum(['nobody', 'resident', 'staff', 'machine']),
  name: z.string(),
  roles: z.array(Role),
  /** Permissions the roles give, each with the place prefixes where it holds. */
  may: z.record(z.string(), z.array(z.string())),
  place: z.object({ code: PlaceCode, path: z.string() }).nullable(),
  unit: z.object({ id: z.string(), name: z.string(), nameEn: z.string() }).nullable(),
  demo: z.boolean(),
  must: Must.nullable(),
})
export type Me = z.infer<typeof Me>

export const GetMe = route({
  id: 'people.me',
  method: 'GET',
  path: '/api/me',
  summary: { zh: '我是谁，能做什么', en: 'Who I am and what I may do' },
  load: 'emergency',
  response: Me,
})

export const SignIn = route({
  id: 'people.signIn',
  method: 'POST',
  path: '/api/session',
  summary: { zh: '工作人员登录', en: 'Staff sign in' },
  load: 'emergency',
  body: z.strictObject({ username: typed(1, 60), password: z.string().min(1).max(200) }),
  response: Me,
})

export const SignOut = route({
  id: 'people.signOut',
  method: 'DELETE',
  path: '/api/session',
  summary: { zh: '退出登录', en: 'Sign out' },
  response: z.object({ ok: z.literal(true) }),
})

export const SendCode = route({
  id: 'people.sendCode',
  method: 'POST',
  path: '/api/session/code',
  summary: { zh: '发送登录验证码', en: 'Send a one-time code to a telephone' },
  load: 'emergency',
  body: z.strictObject({ phone: Phone }),
  /** `demoCode` only in a demonstration and only for simulated people. */
  response: z.object({ sent: z.literal(true), expiresInSeconds: z.int(), demoCode: z.string().optional() }),
})

export const SignInByCode = route({
  id: 'people.signInByCode',
  method: 'POST',
  path: '/api/session/verify',
  summary: { zh: '用验证码登录', en: 'Residents sign in with the code' },
  load: 'emergency',
  body: z.strictObject({ phone: Phone, code: z.string().regex(/^\d{6}$/) }),
  response: Me,
})

export const DemoAccount = z.object({
  username: z.string(),
  name: z.string(),
  roles: z.array(Role),
  place: z.string(),
  unit: z.string().nullable(),
})

export const ListDemoAccounts = route({
  id: 'people.demoAccounts',
  method: 'GET',
  path: '/api/demo',
  summary: {
    zh: '演示账号（仅演示环境）',
    en: 'Demonstration accounts; empty where there is no demonstration',
  },
  response: z.object({
    demo: z.boolean(),
    accounts: z.array(DemoAccount),
    residentPhone: z.string().nullable(),
  }),
})

/** One tap into the demonstration; refused anywhere else. */
export const SignInDemo = route({
  id: 'people.signInDemo',
  method: 'POST',
  path: '/api/session/demo',
  summary: { zh: '以演示账号进入', en: 'Enter as a demonstration account or as the demonstration resident' },
  body: z.strictObject({ username: typed(1, 60) }),
  response: Me,
})

/** A person as lists show them: enough to recognise, too little to look somebody up. */
export const PersonRow = z.object({
  id: z.uuid(),
  nameMasked: z.string(),
  phoneMasked: z.string().nullable(),
  idKind: IdKind.nullable(),
  idNumberMasked: z.string().nullable(),
  /** The year only: age groups need no more. */
  birthYear: z.int().nullable(),
  sex: Sex.nullable(),
  placeCode: PlaceCode,
  place: z.string(),
  simulated: z.boolean(),
})
export type PersonRow = z.infer<typeof PersonRow>

export const ListPeople = route({
  id: 'people.list',
  method: 'GET',
  path: '/api/people',
  summary: { zh: '人员名册（脱敏）', en: 'People of a place, masked' },
  query: z.strictObject({
    place: PlaceCode.optional(),
    after: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  }),
  response: page(PersonRow),
})

/** By POST: an address with a telephone in it stays in histories and logs of others. */
export const FindPerson = route({
  id: 'people.find',
  method: 'POST',
  path: '/api/people/find',
  summary: {
    zh: '按完整手机号或证件号码查人（留痕）',
    en: 'Who has this telephone or identity number, exactly; a hit is shown to the person',
  },
  load: 'read',
  body: z.union([
    z.strictObject({ phone: Phone }),
    z.strictObject({ idKind: IdKind.default('resident_id'), idNumber: typed(4, 40) }),
  ]),
  response: z.object({ items: z.array(PersonRow) }),
})

export const GetPerson = route({
  id: 'people.get',
  method: 'GET',
  path: '/api/people/:id',
  summary: {
    zh: '一个人的信息（脱敏，查看会留痕）',
    en: 'One person, masked; looking is audited and shown to them',
  },
  params: z.strictObject({ id: z.uuid() }),
  response: PersonRow.extend({
    registeredAt: Instant,
    occupation: z.string().nullable(),
    needs: z.array(Need),
    /** Whether the asker may say them. */
    maySetNeeds: z.boolean(),
    hasResidence: z.boolean(),
    /** How many are registered at the same address, this person included. */
    household: z.int(),
    mayReveal: z.boolean(),
  }),
})

export const RevealPurpose = z.enum(['call_back', 'home_visit', 'tracing', 'emergency', 'correction'])
export type RevealPurpose = z.infer<typeof RevealPurpose>

export const RevealPerson = route({
  id: 'people.reveal',
  method: 'POST',
  path: '/api/people/:id/reveal',
  summary: {
    zh: '查看完整姓名和电话（须说明用途，留痕）',
    en: 'Full name and telephone, for a purpose; audited and shown to the person',
  },
  load: 'read',
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    id: ClientId,
    purpose: RevealPurpose,
    note: typed(1, 500).optional(),
    /** Shown beside name and telephone only when asked for. */
    also: z
      .array(z.enum(['idNumber', 'residence']))
      .max(2)
      .optional(),
  }),
  response: z.object({
    id: z.uuid(),
    name: z.string(),
    phone: z.string().nullable(),
    idNumber: z.string().nullable().optional(),
    residence: z.string().nullable().optional(),
  }),
})

export const MyRecord = PersonRow.omit({ nameMasked: true }).extend({
  name: z.string(),
  residence: z.string().nullable(),
  occupation: z.string().nullable(),
  needs: z.array(Need),
  registeredAt: Instant,
})
export type MyRecord = z.infer<typeof MyRecord>

export const GetMyRecord = route({
  id: 'people.myRecord',
  method: 'GET',
  path: '/api/my/record',
  summary: {
    zh: '我的登记信息',
    en: 'What the city has registered about me; numbers masked, a telephone may be seen by others',
  },
  response: MyRecord,
})

/** One look at a person's data by somebody else, as that person reads it: the post, never the employee. */
export const Look = z.object({
  id: z.string(),
  at: Instant,
  what: Bilingual,
  purpose: Bilingual.nullable(),
  role: Bilingual,
  unit: Bilingual.nullable(),
  requestId: z.uuid().nullable(),
})
export type Look = z.infer<typeof Look>

const LineMark = z
  .string()
  .regex(/^\d{1,15}$/)
  .optional()
const LineLimit = z.coerce.number().int().min(1).max(100).default(50)

export const ListMyLooks = route({
  id: 'people.myLooks',
  method: 'GET',
  path: '/api/my/looks',
  summary: { zh: '谁看过我的信息', en: 'Who looked at my data, newest first' },
  query: z.strictObject({ after: LineMark, limit: LineLimit }),
  response: page(Look),
})

export const AuditLine = z.object({
  id: z.string(),
  at: Instant,
  actorKind: z.string(),
  actorId: z.string(),
  action: z.string(),
  subject: z.string(),
  placeCode: z.string().nullable(),
  data: z.unknown(),
  /** Whether the line is as it was chained; `waiting` for the few seconds before it is. */
  link: z.enum(['whole', 'broken', 'waiting']),
})

export const ListAudit = route({
  id: 'people.audit',
  method: 'GET',
  path: '/api/audit',
  summary: {
    zh: '审计记录（按人、按记录、按操作人、按时间）',
    en: 'The audit of one person, one record or one who acted, between two instants, newest first',
  },
  query: z.strictObject({
    subject: z.string().min(1).max(200).optional(),
    person: z.uuid().optional(),
    /** Id of the account, key, person or service that acted. */
    actor: typed(1, 200).optional(),
    /** Wall time, as the audit is dated. */
    from: Instant.optional(),
    to: Instant.optional(),
    after: LineMark,
    limit: LineLimit,
  }),
  response: page(AuditLine).extend({
    chain: z.object({ links: z.int(), waiting: z.int(), head: z.string().nullable() }),
  }),
})

/** Some links of the chain from one on: who asks again from `to` has seen all of it when `end` is true. */
export const VerifyAudit = route({
  id: 'people.verifyAudit',
  method: 'GET',
  path: '/api/audit/verify',
  summary: { zh: '逐段核对审计链', en: 'Check the chain of the audit, some links at a time' },
  load: 'statistics',
  query: z.strictObject({ after: z.coerce.number().int().min(0).default(0) }),
  response: z.object({
    to: z.int(),
    end: z.boolean(),
    links: z.int(),
    broken: z
      .object({
        seq: z.int(),
        line: z.string(),
        fault: z.enum(['line altered', 'line missing', 'link missing']),
      })
      .nullable(),
  }),
})

/** Reading in another jurisdiction for a while: a reason, an end, an alarm to those who watch over the place. */
export const GlassBreak = z.object({
  id: z.uuid(),
  placeCode: PlaceCode,
  place: z.string(),
  account: z.string(),
  role: Bilingual,
  unit: Bilingual.nullable(),
  reason: z.string(),
  openedAt: Instant,
  until: Instant,
  active: z.boolean(),
})
export type GlassBreak = z.infer<typeof GlassBreak>

export const BreakGlass = route({
  id: 'people.breakGlass',
  method: 'POST',
  path: '/api/glass',
  summary: {
    zh: '应急越权查看另一辖区（只读、限时、告警）',
    en: 'Read another jurisdiction in an emergency: read only, for a while, with an alarm',
  },
  load: 'emergency',
  body: z.strictObject({ id: ClientId, place: PlaceCode, reason: typed(10, 500) }),
  response: GlassBreak,
})

export const ListGlass = route({
  id: 'people.glass',
  method: 'GET',
  path: '/api/glass',
  summary: { zh: '本辖区的越权查看', en: 'Who broke the glass of my place, newest first' },
  query: z.strictObject({ after: z.string().max(300).optional(), limit: LineLimit }),
  response: page(GlassBreak),
})

export const GlassBroken = event(
  'people.glass_broken',
  z.object({
    glassId: z.uuid(),
    placeCode: PlaceCode,
    role: z.string(),
    unitId: z.string().nullable(),
    until: Instant,
  }),
)

/** Nobody's any more: name and number are gone, and what hears this forgets the words it holds. */
export const PersonErased = event('people.erased', z.object({ personId: z.uuid() }))

const Done = z.object({ ok: z.literal(true) })
const byId = z.strictObject({ id: z.uuid() })
const Password = z.string().min(12, 'password_too_short').max(200)
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
const Sessions = z.object({ items: z.array(SessionView) })

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
