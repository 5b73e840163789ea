import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'

/** Files in PEM, signed by an authority that only this test knows. */
export interface Certificates {
  readonly ca: string
  /** Of `localhost` and 127.0.0.1. */
  readonly server: { readonly cert: string; readonly key: string }
  /** As `server`, and out of date. */
  readonly expired: { readonly cert: string; readonly key: string }
  readonly client: { readonly cert: string; readonly key: string }
}

const EXTENSIONS = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n'

/** Makes certificates in a folder with openssl; a reason where there is no openssl. */
export function makeCertificates(folder: string): Certificates | string {
  const openssl = findProgram('openssl')
  if (!openssl) return 'openssl is not installed'
  mkdirSync(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  const run = (...args: readonly string[]): void => {
    execFileSync(openssl, args, { stdio: 'pipe' })
  }
  const caFlags = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  run(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=test-ca'],
    ...caFlags,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem')
  )
  writeFileSync(file('ext'), EXTENSIONS)
  const sign = (name: string, subject: string, ...period: readonly string[]): { cert: string; key: string } => {
    const [cert, key, request] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}.csr`)] as const
    run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${subject}`, '-keyout', key, '-out', request)
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('ext')]
    run('x509', '-req', '-in', request, ...by, ...period, '-out', cert)
    return { cert, key }
  }
  return {
    ca: file('ca.pem'),
    server: sign('server', 'localhost', '-days', '30'),
    // openssl 3.0 has no way to name the dates here; a negative number of days ends before it begins
    expired: sign('expired', 'localhost', '-days', '-1'),
    client: sign('client', 'test-client', '-days', '30')
  }
}
