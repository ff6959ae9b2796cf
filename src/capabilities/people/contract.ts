import { z } from 'zod'
import { ClientId, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'
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
  birthMonth: z.int().nullable(),
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
