import { AuthError } from '@messwerk/core/model'
import type { EndpointDescription } from 'node-opcua-client'
import { isThisMachine } from '../connection/is-this-machine.ts'
import type { ConnectionPlan } from './connection-options.ts'
import type { OpcuaLibrary } from './load-opcua.ts'

/** The client library does not take these two, where there is another one. */
const DEPRECATED = /#Basic128(?:Rsa15)?$/

/**
 * Refuses to send a password that anybody on the way could read. Where messages are not encrypted it is, with the server's
 * certificate, if the endpoint names an algorithm for it; many do, also without security.
 *
 * @throws AuthError @internal
 */
export function checkPassword(
  { user, url }: ConnectionPlan,
  { securityMode, securityPolicyUri, serverCertificate, userIdentityTokens }: EndpointDescription,
  { MessageSecurityMode, UserTokenType }: OpcuaLibrary
): void {
  if (user === 'anonymous' || !('name' in user) || user.unencrypted === true) return
  if (securityMode === MessageSecurityMode.SignAndEncrypt || isThisMachine(new URL(url).hostname)) return
  const offered = (userIdentityTokens ?? [])
    .filter(({ tokenType }) => tokenType === UserTokenType.UserName)
    .map((token) => token.securityPolicyUri || securityPolicyUri || '')
  const chosen = offered.length > 1 ? offered.filter((uri) => !DEPRECATED.test(uri)) : offered
  const isEncrypted = chosen.some((uri) => uri !== '' && !uri.endsWith('#None'))
  if (offered.length === 0 || (isEncrypted && serverCertificate?.length > 0)) return
  const instead = "use security: 'SignAndEncrypt'; where it is meant, set user.unencrypted: true"
  throw new AuthError(url, `this endpoint takes the password in plain text, for anybody on the way to read; ${instead}`)
}
