import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { App } from './app.ts'
import { LOAD_CLASSES } from './contract.ts'
import type { Gate } from './overload.ts'

/** Prometheus metrics of this process; names and numbers only, nothing about people. */
export function openMetrics(app: App, gate: Gate) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const answers = new Histogram({
    name: 'cityloop_http_seconds',
    help: 'Time to answer, by route and status class',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const shed = new Counter({
    name: 'cityloop_shed_total',
    help: 'Requests turned away under load, by class',
    labelNames: ['load'],
    registers: [registry],
  })
  const told = Object.fromEntries(LOAD_CLASSES.map((c) => [c, 0])) as Record<string, number>
  new Gauge({
    name: 'cityloop_pressure',
    help: 'Share of the full house, 0 to 1 and above',
    registers: [registry],
    collect() {
      this.set(gate.pressure())
      for (const c of LOAD_CLASSES) {
        shed.inc({ load: c }, gate.turnedAway[c] - told[c]!)
        told[c] = gate.turnedAway[c]
      }
    },
  })
  new Gauge({
    name: 'cityloop_city_time_seconds',
    help: 'City time as a Unix time',
    registers: [registry],
    collect() {
      this.set(app.clock.now().getTime() / 1000)
    },
  })
  return {
    answered: (route: string, status: number, ms: number) =>
      answers.observe({ route, status: `${Math.floor(status / 100)}xx` }, ms / 1000),
    serve(fastify: FastifyInstance) {
      fastify.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.metrics()),
      )
    },
  }
}
