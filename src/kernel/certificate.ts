import { X509Certificate } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { explainFileError, makeFolder } from './var-dir.ts'

const DAY_MS = 86_400_000
/** Browsers distrust certificates that live longer than 398 days, also self-made ones once accepted. */
const LIFETIME_DAYS = 397
const RENEW_DAYS = 30

export interface Certificate {
  key: string
  cert: string
}

/** Names under which this machine is reached: itself, its host name, its addresses in the local network. */
export function localNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => !address.internal && !address.address.startsWith('fe80:'))
    .map((address) => address.address)
  return [...new Set(['localhost', hostname().toLowerCase(), '127.0.0.1', '::1', ...addresses])]
}

/**
 * The certificate in `varDir`/tls for `hosts`; made when there is none, when a host is not on it, or when fewer than
 * 30 days are left. It vouches for nobody: it only gives phones in the field the secure context that cameras need.
 */
export async function ensureCertificate(
  varDir: string,
  hosts: string[] = localNames(),
): Promise<Certificate> {
  const folder = join(varDir, 'tls')
  const present = await readCertificate(folder)
  if (present && isGood(present.cert, hosts)) return present
  try {
    const made = await makeCertificate(hosts)
    await makeFolder(folder)
    await chmod(folder, 0o700)
    // Key and certificate in one file: a kill between two files would leave a pair that does not match.
    const draft = join(folder, `server.pem.${process.pid}`)
    await writeFile(draft, `${made.key}\n${made.cert}\n`, { mode: 0o600 })
    await rename(draft, join(folder, 'server.pem'))
    return made
  } catch (error) {
    throw explainFileError(error, varDir)
  }
}

async function readCertificate(folder: string): Promise<Certificate | undefined> {
  const text = await readFile(join(folder, 'server.pem'), 'utf8').catch(() => '')
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(text)?.[0]
  const cert = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0]
  return key && cert ? { key, cert } : undefined
}

function isGood(pem: string, hosts: string[]): boolean {
  try {
    const cert = new X509Certificate(pem)
    if (Date.parse(cert.validTo) - Date.now() < RENEW_DAYS * DAY_MS) return false
    return hosts.every((host) => (isIP(host) ? cert.checkIP(host) : cert.checkHost(host)) !== undefined)
  } catch {
    return false
  }
}

async function makeCertificate(hosts: string[]): Promise<Certificate> {
  const altNames = hosts.map((host) =>
    isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
  )
  const pems = await generate([{ name: 'commonName', value: 'CityLoop' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + (LIFETIME_DAYS - 1) * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  return { key: pems.private.trim(), cert: pems.cert.trim() }
}
