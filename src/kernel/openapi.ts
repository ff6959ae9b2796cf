import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'

const info = {
  title: 'CityLoop',
  version: '1',
  description: '公共卫生应急城市运行平台 · An open city operations platform for public-health emergencies',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}
const securitySchemes = {
  session: { type: 'apiKey', in: 'cookie', name: 'cityloop' },
  key: { type: 'http', scheme: 'bearer' },
} as const

/**
 * Serves /openapi.json (3.1), its copy for tools that stop at 3.0, and /docs. Both are generated from the contracts
 * that validate, so they cannot say anything else than the API does.
 */
export async function addOpenApi(fastify: FastifyInstance): Promise<void> {
  await fastify.register(swagger, {
    openapi: { openapi: '3.1.0', info, servers: [{ url: '/' }], components: { securitySchemes } },
    transform: jsonSchemaTransform,
  })
  await fastify.register(swagger, {
    decorator: 'openapi30' as 'swagger',
    openapi: {
      openapi: '3.0.3',
      info: { ...info, license: { name: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      components: { securitySchemes },
    },
    transform: jsonSchemaTransform,
  })
  await fastify.register(swaggerUi, { routePrefix: '/docs' })
  fastify.get('/openapi.json', { schema: { hide: true } }, async () => fastify.swagger())
  fastify.get('/openapi-3.0.json', { schema: { hide: true } }, async () =>
    (fastify as unknown as { openapi30: () => unknown }).openapi30(),
  )
}
