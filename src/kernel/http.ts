import { createServer } from 'node:http'
import cookie from '@fastify/cookie'
import compress from '@fastify/compress'
import rateLimit from '@fastify/rate-limit'
import helmet from 'helmet'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { App } from './app.ts'
import { NOBODY, check, type Actor, type Guard } from './auth.ts'
import { Problem, type Route } from './contract.ts'
import { databaseError } from './db.ts'
import { makeDoor, type Door } from './door.ts'
import { drainable } from './drain.ts'
import { CityError, problem } from './errors.ts'
import { FHIR_JSON, asksFhir, operationOutcome } from './fhir-problem.ts'
import { openMetrics } from './metrics.ts'
import { addOpenApi } from './openapi.ts'
import { CROWD_WEIGHT, GLANCE_WEIGHT, openGate, type Gate } from './overload.ts'
import { addStream } from './stream.ts'

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor
  }
  interface FastifyContextConfig {
    guard?: Guard
    route?: Route
  }
}

/** What a handler is given beside the app and the actor: the validated parts of the request. */
export type Given<R extends Route> = {
  params: z.infer<R['params']>
  query: z.infer<R['query']>
  body: z.infer<R['body']>
  /** For cookies and addresses only; everything else comes through the contract. */
  request: FastifyRequest
  reply: FastifyReply
  /** How full the house is, 0 to 1 and beyond: for what can tell only by its content that it may wait. */
  pressure: number
}

export type Binding = {
  route: Route
  guard: Guard
  handle: (app: App, actor: Actor, given: never) => Promise<unknown>
}

/** Binds a contract to its guard and its action: `serve(ListOrders, requires('orders.read'), listOrders)`. */
export function serve<R extends Route>(
  route: R,
  guard: Guard,
  handle: (app: App, actor: Actor, given: Given<R>) => Promise<z.infer<R['response']>>,
): Binding {
  return { route, guard, handle }
}

export type Authenticate = (app: App, request: FastifyRequest) => Promise<Actor>

export type HttpServer = { fastify: FastifyInstance; gate: Gate; door: Door; drain(): Promise<void> }

/** 256 KiB hold every form of the API; a route that takes files says how much of one (`upload`). */
const BODY_LIMIT = 256 * 1024
/** One person at work never needs more; machine keys are limited by the overload gate instead. */
const REQUESTS_PER_MINUTE = 1200
/** Thousands of telephones stand behind one carrier address; guessing is stopped per account and per number instead. */
const SIGN_INS_PER_MINUTE = 300
/** Who asks whether we are ready wants to know now. */
const READY_MS = 1_000

const PROBLEM_JSON = 'application/problem+json; charset=utf-8'

/** A parameter given twice is a list: who means one refuses it, so that neither the first nor the last is silently taken. */
function parseQuery(text: string): Record<string, string | string[]> {
  // Most have none, and looking into nothing took a twentieth of the thread under sealing.
  if (text === '') return {}
  const given = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(given.keys())].map((name) => {
      const values = given.getAll(name)
      return [name, values.length > 1 ? values : values[0]!]
    }),
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(body: Buffer): unknown {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw new CityError('bad_encoding')
  }
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new CityError('bad_input', { fields: [{ path: '', code: 'not_json' }] })
  }
}

/** Turns anything thrown into one of our errors; only `internal` is worth a stack in the log. */
function toCityError(error: unknown): CityError {
  if (error instanceof CityError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.slice(0, 20).map((v) => ({
      path: v.instancePath.replace(/^\//, '').replaceAll('/', '.'),
      code: v.message ?? v.keyword,
    }))
    return new CityError('bad_input', { fields })
  }
  const known = databaseError(error)
  if (known) return known
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new CityError('too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new CityError('wrong_media_type')
  if (statusCode === 429) return new CityError('too_many_requests', { retryAfter: 30 })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new CityError('bad_input')
  return new CityError('internal')
}

const weightOf = (route: Route): number =>
  route.load === 'glance' ? GLANCE_WEIGHT : route.crowd ? CROWD_WEIGHT : 1

function sameOrigin(request: FastifyRequest): boolean {
  const { origin } = request.headers
  if (!origin || request.method === 'GET' || request.method === 'HEAD') return true
  try {
    return new URL(origin).host === request.headers.host
  } catch {
    return false
  }
}

/** Builds the HTTP side of the app: every route with its guard, load class, limits, errors and documents. */
export async function makeServer(
  app: App,
  bindings: Binding[],
  authenticate: Authenticate,
): Promise<HttpServer> {
  const gate = openGate()
  const door = makeDoor(
    bindings.map((b) => b.route),
    gate,
  )
  const fastify = Fastify({
    serverFactory: (handler) =>
      createServer({ requestTimeout: 30_000, keepAliveTimeout: 20_000 }, (request, response) => {
        if (!door.turnAway(request, response)) handler(request, response)
      }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    keepAliveTimeout: 20_000,
    forceCloseConnections: 'idle',
    routerOptions: {
      maxParamLength: 200,
      querystringParser: parseQuery,
    },
    trustProxy: 'loopback',
    logger: false,
    frameworkErrors: (error, request, reply) => {
      const body = problem(toCityError(error))
      const isFhir = asksFhir(request.raw.url)
      void (reply as FastifyReply)
        .code(body.status)
        .type(isFhir ? FHIR_JSON : PROBLEM_JSON)
        .send(JSON.stringify(isFhir ? operationOutcome(body) : body))
    },
  })
  door.stand(fastify.server)
  const drained = drainable(fastify.server)
  const metrics = openMetrics(app, gate)
  let stopping = false
  fastify.setValidatorCompiler(validatorCompiler)
  fastify.setSerializerCompiler(serializerCompiler)
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error, undefined)
    }
  })
  for (const type of new Set(bindings.flatMap((b) => b.route.upload?.types ?? [])))
    fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  fastify.decorateRequest('actor', null as unknown as Actor)

  fastify.setErrorHandler((error, request, reply) => {
    const known = toCityError(error)
    if (known.code === 'internal') {
      const detail = isResponseSerializationError(error)
        ? JSON.stringify(error.cause.issues.slice(0, 5))
        : (error as Error).stack
      app.log.error({ route: request.routeOptions.url, err: detail }, 'internal error')
    }
    const body = problem(known)
    if (known.retryAfter) reply.header('retry-after', String(known.retryAfter))
    if (asksFhir(request.raw.url))
      return reply.code(body.status).type(FHIR_JSON).serializer(JSON.stringify).send(operationOutcome(body))
    return reply.code(body.status).type(PROBLEM_JSON).serializer(JSON.stringify).send(body)
  })
  fastify.setNotFoundHandler((request) => {
    throw new CityError(asksFhir(request.raw.url) ? 'fhir_not_supported' : 'not_found')
  })

  // What came past the door is counted in; the door itself stands before all of this (`serverFactory`).
  fastify.addHook('onRequest', async (request, reply) => {
    const { route, guard } = request.routeOptions.config
    if (!route || !guard || stopping) return
    if (!gate.enter(route.load, weightOf(route)))
      throw new CityError('overloaded', { retryAfter: route.load === 'emergency' ? 1 : 5 })
    // Not `onResponse`: it is not told of whoever hung up before the answer, and their places stayed taken for good.
    const leave = () => gate.leave(weightOf(route))
    if (reply.raw.closed) leave()
    else reply.raw.once('close', leave)
  })
  await fastify.register(cookie)
  const protect = helmet({
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The field page reads codes with a program of its own (WebAssembly, from this server); no other evaluation.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        // The component library of the console writes its styles at run time.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'self'"],
        baseUri: ["'self'"],
      },
    },
  })
  // Made once: the plugin for this server makes all of it anew at each request, a twentieth of the thread under load.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.route?.crowd) done()
    else protect(request.raw, reply.raw, (error) => done(error as Error | undefined))
  })
  await fastify.register(compress, {
    threshold: 1024,
    encodings: ['br', 'gzip'],
    brotliOptions: { params: { 1: 4 } },
  })
  fastify.addHook('onRequest', async (request, reply) => {
    if (stopping) {
      reply.header('connection', 'close')
      throw new CityError('stopping', { retryAfter: 10 })
    }
    const { route, guard } = request.routeOptions.config
    if (!route || !guard) return
    if (!sameOrigin(request)) throw new CityError('wrong_origin')
    const language = /^\s*en/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'zh'
    request.actor = { ...(await authenticate(app, request)), language }
    check(guard, request.actor)
    // Before a byte of it is read: a file that nobody takes must not cost memory.
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (route.upload && request.method !== 'GET' && !route.upload.types.includes(type ?? ''))
      throw new CityError('file_expected')
    if (!route.upload && type && type !== 'application/json' && fastify.hasContentTypeParser(type))
      throw new CityError('wrong_media_type')
  })
  fastify.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.routeOptions.config.route?.id ?? 'page', reply.statusCode, reply.elapsedTime)
  })
  await fastify.register(rateLimit, {
    global: true,
    hook: 'preValidation',
    timeWindow: 60_000,
    max: (request) =>
      request.url.startsWith('/api/session') && request.method === 'POST'
        ? SIGN_INS_PER_MINUTE
        : REQUESTS_PER_MINUTE,
    keyGenerator: (request) => {
      const signingIn = request.url.startsWith('/api/session') && request.method === 'POST'
      return signingIn ? `sign-in ${request.ip}` : `${request.actor?.id ?? 'page'} ${request.ip}`
    },
    // A sampling table that was without a network for hours sends all it has; the overload gate limits it.
    allowList: (request) =>
      request.actor?.kind === 'machine' || request.routeOptions.config.route?.crowd === true,
  })
  await addOpenApi(fastify)

  for (const { route, guard, handle } of bindings) {
    fastify.route({
      method: route.method,
      url: route.path,
      config: { guard, route },
      ...(route.upload && { bodyLimit: route.upload.bytes }),
      // An answer of a hundred bytes to a device: headers for pages and compression were a tenth of its cost.
      ...(route.crowd && {
        compress: false as const,
        config: { guard, route, rateLimit: false },
      }),
      // The crowd's answers, and another standard's with its own errors, are held against their contract in tests.
      ...((route.crowd || route.speaks) && { serializerCompiler: () => JSON.stringify }),
      schema: {
        operationId: route.id,
        summary: `${route.summary.zh} · ${route.summary.en}`,
        tags: [route.id.split('.')[0]!],
        ...(route.path.includes(':') && { params: route.params }),
        querystring: route.query,
        ...(route.method !== 'GET' &&
          route.method !== 'DELETE' &&
          (route.upload ? { consumes: [...route.upload.types] } : { body: route.body })),
        response: { 200: route.response, default: Problem },
        ...(guard.needs !== 'nothing' && { security: [{ session: [] }, { key: [] }] }),
      },
      handler: async (request, reply) => {
        if (route.speaks === 'fhir') reply.type(FHIR_JSON)
        return handle(app, request.actor ?? NOBODY, {
          params: request.params,
          query: request.query,
          body: request.body,
          request,
          reply,
          pressure: gate.pressure(),
        } as never)
      },
    })
  }
  addStream(app, fastify, (request) => authenticate(app, request))
  metrics.serve(fastify)
  fastify.get('/healthz', { schema: { hide: true } }, async () => ({ ok: true }))
  fastify.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const answers = await Promise.race([
      sql`select 1`.execute(app.db).then(
        () => true,
        () => false,
      ),
      new Promise<false>((done) => setTimeout(done, READY_MS, false).unref()),
    ])
    return reply
      .code(answers && !stopping ? 200 : 503)
      .send({ database: answers, live: app.live.connected(), stopping, pressure: gate.pressure() })
  })
  return {
    fastify,
    gate,
    door,
    async drain() {
      stopping = true
      await Promise.all([fastify.close(), drained()])
      gate.stop()
    },
  }
}
