import { ModelError } from '@messwerk/core/model'

/** The digest in hexadecimal. @internal */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // in a page that came over plain http there is none
  const subtle = typeof crypto === 'undefined' ? undefined : crypto.subtle
  if (subtle === undefined)
    throw new ModelError(
      'unsupported',
      'Models need WebCrypto to check digests: load the page over https or from localhost'
    )
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
