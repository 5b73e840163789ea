import * as opcua from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { checkPassword } from './check-password.ts'
import { type OpcuaUser, planConnection } from './connection-options.ts'

const POLICY = 'http://opcfoundation.org/UA/SecurityPolicy'
const { UserName, Anonymous } = opcua.UserTokenType
const reader = { name: 'reader', password: 'hunter2' }

/** Whether a password may go to an endpoint of `mode` whose tokens of users are encrypted by these algorithms. */
function check(
  mode: 'None' | 'Sign' | 'SignAndEncrypt',
  tokens: readonly string[],
  more: { readonly user?: OpcuaUser; readonly host?: string; readonly certificate?: Buffer } = {}
): void {
  const { user = reader, host = 'plant', certificate = Buffer.from([1]) } = more
  const plan = planConnection({ url: `opc.tcp://${host}:4840`, security: mode, pki: 'pki', user }, 'test')
  const endpoint = {
    securityMode: opcua.MessageSecurityMode[mode],
    securityPolicyUri: `${POLICY}#${mode === 'None' ? 'None' : 'Basic256Sha256'}`,
    serverCertificate: certificate,
    userIdentityTokens: [
      { tokenType: Anonymous, securityPolicyUri: `${POLICY}#Basic256Sha256` },
      ...tokens.map((name) => ({ tokenType: UserName, securityPolicyUri: name && `${POLICY}#${name}` }))
    ]
  }
  checkPassword(plan, endpoint as never, opcua)
}

describe('a password', () => {
  it.each([
    ['None', [''], {}],
    ['None', ['None'], {}],
    ['None', ['None', 'Basic128Rsa15'], {}],
    ['None', ['Basic256Sha256'], { certificate: Buffer.alloc(0) }],
    ['Sign', ['None'], {}]
  ] as const)('is not sent in plain text (%s, tokens %j)', (mode, tokens, more) => {
    expect(() => check(mode, tokens, more)).toThrow(
      /plain text.*use security: 'SignAndEncrypt'; where it is meant, set user.unencrypted: true/
    )
    expect(() => check(mode, tokens, more)).toThrow(expect.objectContaining({ code: 'AUTH_REFUSED', retryable: false }))
    expect(() => check(mode, tokens, more)).not.toThrow(/hunter2/)
    check(mode, tokens, Object.assign({ user: { ...reader, unencrypted: true } }, more))
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) check(mode, tokens, Object.assign({ host }, more))
  })

  it.each([
    ['None', ['Basic256Sha256']],
    ['None', ['None', 'Basic256Sha256']],
    ['Sign', ['']],
    ['SignAndEncrypt', ['None']]
  ] as const)('is sent where it is encrypted (%s, tokens %j)', (mode, tokens) => check(mode, tokens))

  it('is asked about only where there is one', () => {
    check('None', ['None'], { user: 'anonymous' })
    check('None', ['None'], { user: { certificate: 'a.pem', key: 'b.pem' } })
  })

  it('may go unencrypted only by a true', () => {
    expect(() => check('None', [''], { user: { ...reader, unencrypted: 'yes' as never } })).toThrow(
      /test: user.unencrypted must be true or false, got "yes"/
    )
  })
})
