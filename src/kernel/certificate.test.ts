import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureCertificate, localNames } from './certificate.ts'

const DAY_MS = 86_400_000
let varDir: string

beforeEach(async () => {
  varDir = await mkdtemp(join(tmpdir(), 'cityloop-tls-'))
})

afterEach(() => rm(varDir, { recursive: true, force: true }))

test('a phone that trusts the certificate reaches the server by name and by address', async () => {
  const { key, cert } = await ensureCertificate(varDir)
  const server = createServer({ key, cert }, (_, response) => response.end('好'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const read = (servername: string) =>
    new Promise<string>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', servername, port, ca: cert, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve)
      })
      request.on('error', reject)
    })
  expect(await read('localhost')).toBe('好')
  const names = new X509Certificate(cert)
  expect(names.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(localNames().length).toBeGreaterThanOrEqual(4)
  server.close()
})

test('the certificate stays the same from start to start and only its owner can read it', async () => {
  const first = await ensureCertificate(varDir, ['localhost'])
  expect(await ensureCertificate(varDir, ['localhost'])).toEqual(first)
  expect((await stat(join(varDir, 'tls/server.pem'))).mode & 0o077).toBe(0)
})

test('a new address in the network makes a new certificate', async () => {
  const first = await ensureCertificate(varDir, ['localhost'])
  const second = await ensureCertificate(varDir, ['localhost', '10.9.8.7'])
  expect(second.cert).not.toBe(first.cert)
  expect(new X509Certificate(second.cert).checkIP('10.9.8.7')).toBe('10.9.8.7')
})

test.each([
  ['renewed when fewer than 30 days are left', 29, false],
  ['kept while more than 30 days are left', 31, true],
])('a certificate is %s', async (_, days, kept) => {
  await ensureCertificate(varDir, ['localhost'])
  const old = await generate([{ name: 'commonName', value: 'CityLoop' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + days * DAY_MS),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  await writeFile(join(varDir, 'tls/server.pem'), `${old.private.trim()}\n${old.cert.trim()}\n`)
  const now = await ensureCertificate(varDir, ['localhost'])
  expect(now.cert.trim() === old.cert.trim()).toBe(kept)
})

test('a certificate file cut off half-way is replaced', async () => {
  const first = await ensureCertificate(varDir, ['localhost'])
  await writeFile(join(varDir, 'tls/server.pem'), first.key.slice(0, 40))
  const second = await ensureCertificate(varDir, ['localhost'])
  expect(new X509Certificate(second.cert).checkHost('localhost')).toBe('localhost')
})
