import { parseArgs } from 'node:util'
import { z } from 'zod'
import { StartError } from './start-error.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const flag = z.enum(['true', 'false', '1', '0']).transform((v) => v === 'true' || v === '1')

/** Everything that can be set from outside. Documented in README.md ("Settings"); nothing else is read. */
const Environment = z.object({
  PORT: port.default(8080),
  HTTPS_PORT: port.default(8443),
  HOST: z.string().default('0.0.0.0'),
  VAR_DIR: z.string().min(1).default('./var'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  CITYLOOP_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional(),
  CITYLOOP_KEY_FILE: z.string().optional(),
  CITYLOOP_DEMO: flag.default(true),
  CITYLOOP_PACK: z.string().default('shanghai-2022-06-07'),
  CITYLOOP_CODE_GATEWAY: z.url({ protocol: /^https?$/ }).optional(),
  CITYLOOP_PUBLIC_URL: z.url({ protocol: /^https$/ }).optional(),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_REDIRECT_URL: z.url({ protocol: /^https?$/ }).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/** Sign-in with an identity provider; without a secret we are a public client that relies on PKCE. */
export type OidcConfig = {
  issuer: string
  clientId: string
  clientSecret: string | undefined
  redirectUrl: string
}

export type Config = {
  port: number
  httpsPort: number
  host: string
  varDir: string
  databaseUrl: string | undefined
  key: string | undefined
  keyFile: string
  /** Simulated people, demo accounts, one-time codes on the page. Never on a city that serves people. */
  demo: boolean
  pack: string
  /** Where one-time codes are handed over to be sent; undefined writes them to the console. */
  codeGateway?: string | undefined
  /** The address under which strangers reach this city: who issued a card. https, without a slash at the end. */
  publicUrl: string
  logLevel: string
  /** Undefined: staff sign in with a local account only. */
  oidc?: OidcConfig | undefined
  simulator: boolean
  /** City seconds per wall second; undefined keeps what was stored. */
  speed: number | undefined
  /** Simulated residents made at the first start. */
  people: number
  /** Of the simulated round: infected of a thousand, and the share of them in few towns and neighbourhoods. */
  prevalence: number
  clustering: number
}

const OPTIONS = {
  'no-simulator': { type: 'boolean' },
  simulator: { type: 'boolean' },
  speed: { type: 'string' },
  people: { type: 'string' },
  prevalence: { type: 'string' },
  clustering: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

export const USAGE = `npm start -- [options]
  --no-simulator   start without the simulated city
  --speed N        city seconds per real second (default: as stored, 1 at the first start; 1 to 600)
  --people N       simulated residents made at the first start (default 20000; 0 to 2000000)
  --prevalence N   infected of a thousand in the simulated round (default 1; 0 to 200)
  --clustering N   share of them that stands in few towns and neighbourhoods (default 0.7; 0 to 1)
Environment: PORT 8080, HTTPS_PORT 8443 (0 = off), HOST 0.0.0.0, VAR_DIR ./var, DATABASE_URL, CITYLOOP_DEMO true,
CITYLOOP_PACK, CITYLOOP_PUBLIC_URL, CITYLOOP_CODE_GATEWAY, CITYLOOP_KEY (64 hex digits) or CITYLOOP_KEY_FILE, LOG_LEVEL info, OIDC_ISSUER, OIDC_CLIENT_ID,
OIDC_CLIENT_SECRET, OIDC_REDIRECT_URL.`

function oidcOf(e: z.infer<typeof Environment>): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_REDIRECT_URL: redirectUrl } = e
  if (issuer && clientId && redirectUrl)
    return { issuer, clientId, redirectUrl, clientSecret: e.OIDC_CLIENT_SECRET }
  if (issuer ?? clientId ?? redirectUrl ?? e.OIDC_CLIENT_SECRET)
    throw new StartError({
      zh: 'OIDC_ISSUER、OIDC_CLIENT_ID、OIDC_REDIRECT_URL 须一起设置',
      en: 'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_REDIRECT_URL belong together; one of them is missing',
    })
  return undefined
}

function numberOption(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const n = Number(text)
  if (!Number.isFinite(n) || n < min || n > max) {
    throw new StartError({
      zh: `--${name} 须为 ${min} 到 ${max} 之间的数`,
      en: `--${name} takes a number from ${min} to ${max}, not ${text}`,
    })
  }
  return n
}

/** Reads the environment and the command line; anything unknown or out of range is one clear sentence. */
export function readConfig(env: NodeJS.ProcessEnv, args: string[]): Config & { help: boolean } {
  const read = Environment.safeParse(env)
  if (!read.success) {
    const first = read.error.issues[0]!
    throw new StartError({
      zh: `环境变量 ${first.path.join('.')} 的值无效`,
      en: `The environment variable ${first.path.join('.')} is not valid: ${first.message}`,
    })
  }
  const e = read.data
  let values: { [K in keyof typeof OPTIONS]?: string | boolean }
  try {
    values = parseArgs({ args, options: OPTIONS, allowPositionals: false }).values
  } catch (error) {
    throw new StartError({
      zh: '启动参数无效，见 npm start -- --help',
      en: `${(error as Error).message.split('.')[0]}; see npm start -- --help`,
    })
  }
  return {
    port: e.PORT,
    httpsPort: e.HTTPS_PORT,
    host: e.HOST,
    varDir: e.VAR_DIR,
    databaseUrl: e.DATABASE_URL,
    key: e.CITYLOOP_KEY,
    keyFile: e.CITYLOOP_KEY_FILE ?? `${e.VAR_DIR}/key`,
    demo: e.CITYLOOP_DEMO,
    pack: e.CITYLOOP_PACK,
    codeGateway: e.CITYLOOP_CODE_GATEWAY,
    publicUrl: (e.CITYLOOP_PUBLIC_URL ?? `https://localhost:${e.HTTPS_PORT}`).replace(/\/+$/, ''),
    logLevel: e.LOG_LEVEL,
    oidc: oidcOf(e),
    simulator: e.CITYLOOP_DEMO && !values['no-simulator'],
    speed: numberOption('speed', values.speed as string | undefined, 1, 600),
    people: numberOption('people', values.people as string | undefined, 0, 2_000_000) ?? 20_000,
    prevalence: numberOption('prevalence', values.prevalence as string | undefined, 0, 200) ?? 1,
    clustering: numberOption('clustering', values.clustering as string | undefined, 0, 1) ?? 0.7,
    help: values.help === true,
  }
}
