import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const PAGES = ['resident', 'field', 'console', 'wall'] as const

/**
 * Serves the built pages: `/` is the resident's, the others stand under their names with every address below them
 * (the page reads it). Assets carry a hash in their name and never change; the pages are asked for each time.
 */
export async function addPages(fastify: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(folder)) return
  await fastify.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const page = (name: string) => `web/${name}/index.html`
  for (const name of PAGES) {
    if (!existsSync(join(folder, page(name)))) continue
    const paths =
      name === 'resident'
        ? ['/', '/my', '/my/*', '/sites', '/hospitals', '/ask', '/sign-in']
        : [`/${name}`, `/${name}/*`]
    for (const path of paths) {
      fastify.get(path, { schema: { hide: true } }, (_request, reply) =>
        reply.header('cache-control', 'no-cache').sendFile(page(name), { cacheControl: false }),
      )
    }
  }
  fastify.get('/assets/*', { schema: { hide: true } }, (request, reply) =>
    reply.sendFile(`assets/${(request.params as { '*': string })['*']}`, { maxAge: '365d', immutable: true }),
  )
  // Files of the installable pages must stand at the root to be allowed to speak for the whole site.
  for (const file of [
    'sw.js',
    'manifest.webmanifest',
    'icon.svg',
    'icon-192.png',
    'icon-512.png',
    'favicon.ico',
  ]) {
    if (existsSync(join(folder, file)))
      fastify.get(`/${file}`, { schema: { hide: true } }, (_request, reply) =>
        reply.header('cache-control', 'no-cache').sendFile(file, { cacheControl: false }),
      )
  }
}
