import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ProtocolError, TimeoutError } from '@messwerk/core/model'
import type { EndpointDescription, OPCUAClient, OPCUAClientOptions, UserIdentityInfo } from 'node-opcua-client'
import { checkPassword } from './check-password.ts'
import type { ConnectionPlan } from './connection-options.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import { opcuaError } from './opcua-errors.ts'
import type { OpcuaSession } from './opcua-session.ts'
import { checkServer, type OwnCertificate, ownCertificate } from './pki.ts'

/** A session with a server whose certificate is trusted. @internal */
export interface OpenSession {
  readonly client: OPCUAClient
  readonly session: OpcuaSession
  /** Ends it. @param keepsSubscriptions - whether another session may take them over */
  close(keepsSubscriptions: boolean): Promise<void>
}

const CLOSING_MS = 1000
const SESSION_MS = 60_000

/** Finds the endpoint, checks who it is, connects and logs in; once, without repetition. @throws SdkError @internal */
export async function openSession(
  plan: ConnectionPlan,
  lib: OpcuaLibrary,
  lost: (why: string) => void
): Promise<OpenSession> {
  const own = await ownCertificate(plan, lib)
  let client: OPCUAClient | undefined
  try {
    const endpoint = await findEndpoint(plan, lib, own)
    if (plan.security !== 'None')
      await checkServer(endpoint.serverCertificate, endpoint.server.applicationUri ?? '', plan)
    checkPassword(plan, endpoint, lib)
    client = lib.OPCUAClient.create(secured(plan, lib, own, endpoint))
    client.on('close', () => lost('the connection was closed'))
    await within(client.connect(plan.url), plan, 'the connection')
    const session = (await within(client.createSession(identityOf(plan, lib)), plan, 'the session')) as OpcuaSession
    session.on('session_closed', () => lost('the server has closed the session'))
    return { client, session, close: (keeps) => close(client as OPCUAClient, session, keeps) }
  } catch (error) {
    if (client) void disconnect(client)
    throw opcuaError(error, plan.url, plan.timeoutMs)
  }
}

/** The one that is asked for; never a weaker one. */
async function findEndpoint(
  plan: ConnectionPlan,
  lib: OpcuaLibrary,
  own: OwnCertificate
): Promise<EndpointDescription> {
  const client = lib.OPCUAClient.create(once(plan, lib, own))
  try {
    await within(client.connect(plan.url), plan, 'the connection')
    const endpoints = await within(client.getEndpoints(), plan, 'the list of endpoints')
    const policy = plan.security === 'None' ? 'None' : plan.policy
    const mode = lib.MessageSecurityMode[plan.security]
    const found = endpoints.find(
      ({ securityMode, securityPolicyUri }) => securityMode === mode && policyOf(securityPolicyUri) === policy
    )
    if (found) return found
    const offered = endpoints.map(
      (one) => `${lib.MessageSecurityMode[one.securityMode]} ${policyOf(one.securityPolicyUri)}`
    )
    const what = `${plan.security}${plan.security === 'None' ? '' : ` ${policy}`}`
    throw new ProtocolError(`${plan.url}: no endpoint with ${what}; it offers: ${[...new Set(offered)].join(', ')}`)
  } finally {
    void disconnect(client)
  }
}

function policyOf(uri: string | null | undefined): string {
  return (uri ?? '').split('#')[1] ?? ''
}

/** The pipeline decides when to try again, so the library must not. */
function once(
  { timeoutMs, applicationUri }: ConnectionPlan,
  lib: OpcuaLibrary,
  own: OwnCertificate
): OPCUAClientOptions {
  const certificate = new X509Certificate(own.certificate).raw
  return {
    applicationName: 'Messwerk',
    endpointMustExist: false,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    keepSessionAlive: false,
    transportTimeout: timeoutMs,
    defaultTransactionTimeout: timeoutMs,
    applicationUri,
    // otherwise the library makes a certificate in the home directory
    certificateKeyPairProvider: {
      getCertificate: () => certificate,
      getCertificateChain: () => [certificate],
      getPrivateKey: () => keyOf(own, lib)
    }
  }
}

type PrivateKey = ReturnType<OpcuaLibrary['crypto_utils']['coercePEMorDerToPrivateKey']>

/** Keys that have been read from their text, which takes ms, and is asked for again and again. */
const keys = new WeakMap<OwnCertificate, PrivateKey>()

function keyOf(own: OwnCertificate, lib: OpcuaLibrary): PrivateKey {
  const known = keys.get(own) ?? lib.crypto_utils.coercePEMorDerToPrivateKey(own.key)
  keys.set(own, known)
  return known
}

function secured(
  plan: ConnectionPlan,
  lib: OpcuaLibrary,
  own: OwnCertificate,
  { serverCertificate }: EndpointDescription
): OPCUAClientOptions {
  const options = Object.assign(once(plan, lib, own), { requestedSessionTimeout: SESSION_MS })
  if (plan.security === 'None') return options
  return Object.assign(options, {
    securityMode: lib.MessageSecurityMode[plan.security],
    securityPolicy: lib.SecurityPolicy[plan.policy],
    serverCertificate
  })
}

function identityOf({ user }: ConnectionPlan, lib: OpcuaLibrary): UserIdentityInfo {
  const { UserTokenType } = lib
  if (user === 'anonymous') return { type: UserTokenType.Anonymous }
  if ('name' in user) return { type: UserTokenType.UserName, userName: user.name, password: user.password }
  const certificateData = new X509Certificate(readFileSync(user.certificate)).raw
  return { type: UserTokenType.Certificate, certificateData, privateKey: readFileSync(user.key, 'utf8') }
}

async function within<T>(work: Promise<T>, { url, timeoutMs }: ConnectionPlan, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what} to ${url}`, timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What hangs is left: a link whose other end has gone answers nothing. */
async function close(client: OPCUAClient, session: OpcuaSession, keepsSubscriptions: boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const ended = session.close(!keepsSubscriptions).catch(() => {})
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS)
  })
  await Promise.race([ended, late])
  clearTimeout(timer)
  await disconnect(client)
}

function disconnect(client: OPCUAClient): Promise<void> {
  return client.disconnect().catch(() => {})
}
