import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { NotConnectedError, ProtocolError } from '@messwerk/core/model'
import type { ConnectionPlan } from './connection-options.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import { chainOf, describeCertificate } from './server-certificate.ts'

/** Our certificate and key, PEM. @internal */
export interface OwnCertificate {
  readonly certificate: string
  readonly key: string
}

const TEN_YEARS = 3650

/** Our certificate: in the folder, and made when there is none; without a folder, one for this process. @internal */
export async function ownCertificate(plan: ConnectionPlan, lib: OpcuaLibrary): Promise<OwnCertificate> {
  if (plan.pki === undefined) {
    passing ??= signed(newKey(), plan, lib) // the library wants one, also where none is used
    return passing
  }
  const folder = join(plan.pki, 'own')
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  if (!existsSync(files.certificate) || !existsSync(files.key)) await makeOwn(files, folder, plan, lib)
  const certificate = readFileSync(files.certificate, 'utf8')
  const { validTo } = new X509Certificate(certificate)
  if (new Date(validTo).getTime() < Date.now()) {
    const why = `our own certificate has expired (${validTo}); remove ${files.certificate}, and let the server trust the new one`
    throw new ProtocolError(`${plan.url}: ${why}`)
  }
  return { certificate, key: readFileSync(files.key, 'utf8') }
}

let passing: Promise<OwnCertificate> | undefined

async function makeOwn(files: OwnCertificate, folder: string, plan: ConnectionPlan, lib: OpcuaLibrary): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const made = await signed(existsSync(files.key) ? readFileSync(files.key, 'utf8') : newKey(), plan, lib)
  writeFileSync(files.key, made.key, { mode: 0o600 })
  writeFileSync(files.certificate, made.certificate)
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

async function signed(key: string, plan: ConnectionPlan, lib: OpcuaLibrary): Promise<OwnCertificate> {
  const { createSelfSignedCertificate, pemToPrivateKey, CertificatePurpose } = lib.crypto_utils
  const { cert } = await createSelfSignedCertificate({
    privateKey: await pemToPrivateKey(key),
    subject: 'CN=Messwerk',
    dns: [hostname()],
    applicationUri: plan.applicationUri,
    notBefore: new Date(Date.now() - 3_600_000),
    validity: TEN_YEARS,
    purpose: CertificatePurpose.ForApplication
  })
  return { certificate: cert, key }
}

/**
 * Whether a server may be spoken to.
 *
 * @param der - its certificate, or a chain of them
 * @param applicationUri - what it says who it is
 * @throws ProtocolError when it is not trusted; NotConnectedError while it is out of date @internal
 */
export async function checkServer(der: Uint8Array, applicationUri: string, plan: ConnectionPlan): Promise<void> {
  const chain = chainOf(der)
  const [own] = chain
  if (!own) throw new ProtocolError(`${plan.url}: the server has no certificate`)
  const described = describeCertificate(own)
  const name = `the server's certificate (${described.subject}, SHA-256 ${described.fingerprint})`
  const now = Date.now()
  if (now > described.validTo.getTime()) {
    throw new NotConnectedError(plan.url, `${name} has expired on ${day(described.validTo)}; renew it`)
  }
  if (now < described.validFrom.getTime()) {
    throw new NotConnectedError(plan.url, `${name} is not valid before ${day(described.validFrom)}; check the clocks`)
  }
  if (described.applicationUri !== applicationUri) {
    const why = `is that of ${described.applicationUri ?? 'no application'}, and the server says that it is ${applicationUri}`
    throw new ProtocolError(`${plan.url}: ${name} ${why}`)
  }
  if (isTrusted(chain, plan.pki as string)) return
  const agreed = plan.trust ? await plan.trust(described) : false
  keep(own, join(plan.pki as string, agreed === true ? 'trusted' : 'rejected'))
  if (agreed === true) return
  const how = `move it from ${join(plan.pki as string, 'rejected')} to 'trusted' when it is the right one, or see trust`
  throw new ProtocolError(`${plan.url}: ${name} is not trusted; ${how}`)
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** Whether it, or an authority that has signed it, lies in the folder. No revocation lists are read. */
function isTrusted(chain: readonly X509Certificate[], pki: string): boolean {
  const known = trustedIn(join(pki, 'trusted'))
  const now = Date.now()
  for (let i = 0; i < chain.length; i += 1) {
    const link = chain[i] as X509Certificate
    if (known.some(({ fingerprint256 }) => fingerprint256 === link.fingerprint256)) return true
    const signs = (by: X509Certificate): boolean =>
      by.ca && new Date(by.validTo).getTime() > now && link.checkIssued(by) && link.verify(by.publicKey)
    if (known.some(signs)) return true
    const next = chain[i + 1]
    if (!next || !signs(next)) return false
  }
  return false
}

function trustedIn(folder: string): X509Certificate[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => /\.(pem|der|crt|cer)$/i.test(file))
    .map((file) => new X509Certificate(readFileSync(join(folder, file))))
}

function keep(certificate: X509Certificate, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const name = createHash('sha256').update(certificate.raw).digest('hex')
  writeFileSync(join(folder, `${name}.pem`), certificate.toString())
}
