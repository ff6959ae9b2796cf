import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller, startCity, type TestCity } from '#test/harness/city.ts'

let gateway: Server
let city: TestCity
const taken: { phone: string; code: string }[] = []
let says = 200

beforeAll(async () => {
  gateway = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      if (says === 200) taken.push(JSON.parse(body) as { phone: string; code: string })
      response.writeHead(says).end()
    })
  })
  await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done))
  const { port } = gateway.address() as AddressInfo
  city = await startCity({ config: { codeGateway: `http://127.0.0.1:${port}/send` } })
})
afterAll(async () => {
  await city.stop()
  gateway.close()
})

test('a code goes by the deployment’s gateway, never by the answer, and signs in', async () => {
  const someone = caller(city.base)
  const phone = '13800001111'
  const sent = await someone.post('/api/session/code', { phone })
  expect([sent.status, sent.body.demoCode]).toEqual([200, undefined])
  expect(taken.at(-1)).toMatchObject({ phone, code: expect.stringMatching(/^\d{6}$/) })
  const signed = await someone.post('/api/session/verify', { phone, code: taken.at(-1)!.code })
  expect([signed.status, signed.body.kind]).toEqual([200, 'resident'])
})

test('a gateway that refuses is said, and nobody waits for a code that never comes', async () => {
  says = 503
  const answer = await caller(city.base).post('/api/session/code', { phone: '13800002222' })
  expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
    502,
    'code_not_sent',
    '30',
  ])
  says = 200
})

test('simulated people see their code on the page and trouble no gateway', async () => {
  const before = taken.length
  const answer = await caller(city.base).post('/api/session/code', { phone: '19900000001' })
  expect(answer.body.demoCode).toMatch(/^\d{6}$/)
  expect(taken).toHaveLength(before)
})
