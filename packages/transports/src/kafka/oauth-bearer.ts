import { Buffer } from 'node:buffer'
import type { SASLOptions } from 'kafkajs'

/** What kafkajs gives a mechanism of one's own. */
interface Exchange {
  saslAuthenticate<T>(exchange: {
    readonly request: { encode(): Buffer | Promise<Buffer> }
    readonly response: { decode(bytes: Buffer): Buffer | Promise<Buffer>; parse(bytes: Buffer): T | Promise<T> }
  }): Promise<T | undefined>
}

/**
 * OAUTHBEARER (RFC 7628). The one of kafkajs takes a refusal for a success, and then meets a closed connection: here it is
 * an error that is not tried again.
 *
 * @internal
 */
export function oauthBearer(token: () => string | Promise<string>): SASLOptions {
  const authenticationProvider = ({ saslAuthenticate }: Exchange) => ({
    authenticate: async (): Promise<void> => {
      const request = messageOf(await token())
      const refusal = await saslAuthenticate({
        request: { encode: () => withLength(request) },
        // nothing, or in JSON why not
        response: { decode: (bytes) => bytes.subarray(4), parse: (bytes) => bytes.toString() }
      })
      if (refusal) throw refused(statusOf(refusal))
    }
  })
  return { mechanism: 'OAUTHBEARER', authenticationProvider } as unknown as SASLOptions
}

function messageOf(token: unknown): Buffer {
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw refused('sasl.token gave no token')
  return Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`)
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function statusOf(refusal: string): string {
  try {
    return String((JSON.parse(refusal) as { readonly status?: unknown }).status)
  } catch {
    return 'the token was refused'
  }
}

/** As kafkajs says it of the other mechanisms. */
function refused(why: string): Error {
  const error = new Error(`SASL OAUTHBEARER authentication failed: ${why}`)
  return Object.assign(error, { name: 'KafkaJSSASLAuthenticationError', retriable: false })
}
