import { TimeoutError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { lostSubscription, opcuaError, refusedSubscriptions } from './opcua-errors.ts'

const URL = 'opc.tcp://plant:4840'

describe('errors of the client library', () => {
  it.each([
    ['serviceResult = BadIdentityTokenRejected (0x80210000)', 'AUTH_REFUSED', false],
    ['serviceResult = BadUserAccessDenied (0x801f0000)', 'AUTH_REFUSED', false],
    ['the server says BadCertificateUntrusted', 'AUTH_REFUSED', false],
    ['BadSecurityChecksFailed: the server does not trust us', 'AUTH_REFUSED', false],
    ['BadSecurityModeRejected', 'PROTOCOL_VIOLATION', false],
    ['BadTcpEndpointUrlInvalid', 'PROTOCOL_VIOLATION', false],
    ['Transaction has timed out', 'TIMED_OUT', true],
    ['BadRequestTimeout', 'TIMED_OUT', true],
    ['connect ECONNREFUSED 127.0.0.1:1', 'NOT_CONNECTED', true],
    ['BadSessionIdInvalid', 'NOT_CONNECTED', true]
  ])('%s is %s', (text, code, retryable) => {
    const cause = new Error(text)
    expect(opcuaError(cause, URL, 1000)).toMatchObject({ code, retryable, cause })
  })

  it('are left as they are where they are ours', () => {
    const own = new TimeoutError('x', 5)
    expect(opcuaError(own, URL, 1000)).toBe(own)
  })

  it('that tell of a lost subscription, or of none at all, are told apart', () => {
    expect(lostSubscription(new Error('BadNoSubscription'), URL)).toMatchObject({ code: 'NOT_CONNECTED' })
    expect(lostSubscription(new Error('BadSessionIdInvalid'), URL)).toBeUndefined()
    expect(refusedSubscriptions(new Error('BadTooManySubscriptions (0x8077)'))).toBe('BadTooManySubscriptions')
    expect(refusedSubscriptions(new Error('BadOutOfMemory'))).toBeUndefined()
  })
})
