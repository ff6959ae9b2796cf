import { z } from 'zod'
import { PlaceCode, route, typed } from '#kernel/contract.ts'

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
