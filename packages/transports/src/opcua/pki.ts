import { createHash, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  if (!existsSync(files.certificate) || !existsSync(files.key)) {
    await together(makings, folder, () => makeOwn(files, folder, plan, lib))
  }
  const certificate = readFileSync(files.certificate, 'utf8')
  const { validTo } = new X509Certificate(certificate)
  if (new Date(validTo).getTime() < Date.now()) {
    const why = `our own certificate has expired (${validTo}); remove ${files.certificate}, and let the server trust the new one`
    throw new ProtocolError(`${plan.url}: ${why}`)
  }
  return { certificate, key: readFileSync(files.key, 'utf8') }
}

let passing: Promise<OwnCertificate> | undefined
/** Own certificates that are being made, by folder. */
const makings = new Map<string, Promise<void>>()
/** Questions that have not been answered, by whom is asked, and by folder and certificate. */
const questions = new WeakMap<NonNullable<ConnectionPlan['trust']>, Map<string, Promise<boolean>>>()

/** Connections that are made at the same time make, or ask, a thing once. */
function together<T>(running: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const before = running.get(key)
  if (before) return before
  const now = work().finally(() => running.delete(key))
  running.set(key, now)
  return now
}

async function makeOwn(files: OwnCertificate, folder: string, plan: ConnectionPlan, lib: OpcuaLibrary): Promise<void> {
  mkdirSync(folder, { recursive: true })
  if (!existsSync(files.key)) writeFirst(files.key, newKey())
  const made = await signed(readFileSync(files.key, 'utf8'), plan, lib)
  writeWhole(files.certificate, made.certificate)
}

/** Writes a file that is whole when it is seen; one of another process that was quicker stays. */
function writeFirst(path: string, text: string): void {
  const own = `${path}.${randomUUID()}`
  writeFileSync(own, text, { mode: 0o600 })
  try {
    linkSync(own, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(own, path) // where there are no links
  } finally {
    rmSync(own, { force: true })
  }
}

/** Replaces a file at once, so that nobody reads half of it. */
function writeWhole(path: string, text: string): void {
  const own = `${path}.${randomUUID()}`
  writeFileSync(own, text)
  renameSync(own, path)
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
  const isAgreed = plan.trust
    ? await together(questionsTo(plan.trust), `${plan.pki} ${described.fingerprint}`, () => ask(own, plan))
    : false
  if (!plan.trust) keep(own, join(plan.pki as string, 'rejected'))
  if (isAgreed) return
  const how = `move it from ${join(plan.pki as string, 'rejected')} to 'trusted' when it is the right one, or see trust`
  throw new ProtocolError(`${plan.url}: ${name} is not trusted; ${how}`)
}

function questionsTo(trust: NonNullable<ConnectionPlan['trust']>): Map<string, Promise<boolean>> {
  const running = questions.get(trust) ?? new Map<string, Promise<boolean>>()
  questions.set(trust, running)
  return running
}

/** Asks, and keeps the answer; only `true` is a yes. */
async function ask(certificate: X509Certificate, { trust, pki }: ConnectionPlan): Promise<boolean> {
  const agreed: unknown = await trust?.(describeCertificate(certificate))
  keep(certificate, join(pki as string, agreed === true ? 'trusted' : 'rejected'))
  return agreed === true
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
  writeWhole(join(folder, `${name}.pem`), certificate.toString())
}
