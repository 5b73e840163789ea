import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { planConnection } from './connection-options.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { loadOpcua } from './load-opcua.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'
import { checkServer, ownCertificate } from './pki.ts'
import type { ServerCertificate } from './server-certificate.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

const streams = { press: { counter: 'plant/counter' } }

describe('the connection of an OPC UA source', () => {
  let plant: PlantServer
  let pki: string
  beforeAll(async () => {
    plant = await PlantServer.start({ every: 10 })
  })
  afterAll(() => plant.stop())
  beforeEach(() => {
    pki = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
    return () => rmSync(pki, { recursive: true })
  })

  function read(options: Partial<OpcuaSourceOptions<string>>): Reader {
    return new Reader(opcuaSource({ url: plant.url, pki, streams, publishing: '50ms', ...options }))
  }

  async function reads(options: Partial<OpcuaSourceOptions<string>>): Promise<void> {
    const reader = read(options)
    await reader.until(() => reader.blocks.length > 0)
    await reader.stop()
  }

  it('is signed and encrypted; a certificate that was agreed to once is not asked about again', async () => {
    const asked: ServerCertificate[] = []
    const trust = (certificate: ServerCertificate): boolean => asked.push(certificate) > 0
    await reads({ trust })
    await reads({ trust, user: { name: 'mw', password: 'mw-secret' } })
    expect(asked.map(({ applicationUri }) => applicationUri)).toEqual(['urn:mw:test:node-opcua'])
    expect(asked[0]?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(readdirSync(join(pki, 'trusted'))).toEqual([`${asked[0]?.fingerprint}.pem`])
  })

  it('is made by several at once with one certificate of their own, and one question', async () => {
    const asked: ServerCertificate[] = []
    const trust = async (certificate: ServerCertificate): Promise<boolean> => {
      asked.push(certificate)
      for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 5)) // somebody thinks
      return true
    }
    await Promise.all(Array.from({ length: 4 }, () => reads({ trust })))
    expect(asked.length).toBe(1)
    expect(readdirSync(join(pki, 'trusted'))).toEqual([`${asked[0]?.fingerprint}.pem`])
    expect(readdirSync(join(pki, 'own')).sort()).toEqual(['certificate.pem', 'key.pem'])
    const own = new X509Certificate(readFileSync(join(pki, 'own/certificate.pem')))
    expect(own.checkPrivateKey(createPrivateKey(readFileSync(join(pki, 'own/key.pem'))))).toBe(true)
  })

  it('trusts nobody by default, also not when somebody answers anything but true', async () => {
    for (const trust of [undefined, () => false, () => 'yes' as never, async () => false]) {
      const reader = read({ trust })
      await expect(reader.done).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
      await expect(reader.done).rejects.toThrow(/is not trusted; move it from .*rejected/)
    }
    const [file] = readdirSync(join(pki, 'rejected')) as [string]
    mkdirSync(join(pki, 'trusted'))
    renameSync(join(pki, 'rejected', file), join(pki, 'trusted', file))
    await reads({})
  })

  it('keeps its own certificate, with a key that only its owner reads', async () => {
    await reads({ trust: () => true })
    const own = readdirSync(join(pki, 'own')).sort()
    expect(own).toEqual(['certificate.pem', 'key.pem'])
    if (process.platform !== 'win32') expect(statSync(join(pki, 'own/key.pem')).mode & 0o777).toBe(0o600)
  })

  it('ends with an AuthError when the password is wrong, which stands in no message', async () => {
    const reader = read({ trust: () => true, user: { name: 'mw', password: 'hunter2' } })
    await expect(reader.done).rejects.toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
    expect(JSON.stringify([reader.errors.map(String), reader.reports])).not.toContain('hunter2')
  })

  it('names what a server offers instead of an endpoint that it does not have', async () => {
    const reader = read({ policy: 'Aes256_Sha256_RsaPss', trust: () => true })
    await expect(reader.done).rejects.toThrow(
      /no endpoint with SignAndEncrypt Aes256_Sha256_RsaPss; it offers: .*Basic256Sha256/
    )
  })

  it('is tried again where nobody answers', async () => {
    const reader = read({ url: 'opc.tcp://127.0.0.1:1', security: 'None' })
    await reader.until(() => reader.errors.length > 1)
    expect(reader.errors[0]).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    await reader.stop()
  })

  it('is not made without the library, and takes the one that is given', async () => {
    await expect(loadOpcua(undefined, () => Promise.reject(new Error('no')))).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      dependency: 'node-opcua-client'
    })
    const lib = await import('node-opcua-client')
    expect(await loadOpcua(lib)).toBe(lib)
    expect(existsSync(join(pki, 'own'))).toBe(false)
  })
})

describe('a certificate of a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-certificate-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const plan = (trust?: OpcuaSourceOptions<string>['trust']) =>
    planConnection({ url: 'opc.tcp://plant:4840', pki: join(folder, 'pki'), trust }, 'test')

  /** The server's library sets a variable that openssl stumbles over. */
  function openssl(...args: readonly string[]): Buffer {
    const { OPENSSL_CONF: _, ...env } = process.env
    return execFileSync('openssl', args, { stdio: 'pipe', env })
  }

  function make(name: string, ...more: readonly string[]): Buffer {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.der`)]
    const uri = ['-addext', 'subjectAltName=URI:urn:plant,DNS:plant']
    const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', key]
    if (more[0] === '-x509') openssl(...request, ...uri, ...more, '-outform', 'DER', '-out', cert)
    else {
      openssl(...request, ...uri, '-out', `${cert}.csr`)
      const sign = ['x509', '-req', '-in', `${cert}.csr`, '-copy_extensions', 'copy', ...more]
      openssl(...sign, '-outform', 'DER', '-out', cert)
    }
    return readFileSync(cert)
  }

  it('that is out of date is refused, and may be renewed', async () => {
    const key = join(folder, 'old.key')
    make('old', '-x509', '-days', '1')
    const old = make('old2', '-signkey', key, '-days', '-1')
    await expect(
      checkServer(
        old,
        'urn:plant',
        plan(() => true)
      )
    ).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
  })

  it('that several connections ask about at once is asked about once, and again when the answer was no', async () => {
    const der = make('asked', '-x509', '-days', '1')
    let answer = (_agreed: boolean): void => {}
    let asked = 0
    const trust = (): Promise<boolean> => {
      asked += 1
      return new Promise((resolve) => {
        answer = resolve
      })
    }
    const pki = join(folder, 'asked-pki')
    const mine = planConnection({ url: 'opc.tcp://plant:4840', pki, trust }, 'test')
    const both = () => Promise.allSettled([checkServer(der, 'urn:plant', mine), checkServer(der, 'urn:plant', mine)])
    const first = both()
    answer(false)
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const second = both()
    answer(true)
    expect((await second).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect([asked, readdirSync(join(pki, 'trusted')).length]).toEqual([2, 1])
  })

  it('that connections with other questions see at once is asked about by each of them', async () => {
    const der = make('asked-twice', '-x509', '-days', '1')
    const pki = join(folder, 'asked-twice-pki')
    const asked: string[] = []
    const check = (name: string, agrees: boolean) => {
      const trust = async (): Promise<boolean> => asked.push(name) > 0 && agrees
      return checkServer(der, 'urn:plant', planConnection({ url: 'opc.tcp://plant:4840', pki, trust }, 'test'))
    }
    const both = await Promise.allSettled([check('a', true), check('b', false)])
    expect([asked, both.map(({ status }) => status)]).toEqual([
      ['a', 'b'],
      ['fulfilled', 'rejected']
    ])
  })

  it('of our own that is out of date is refused, and says what to do', async () => {
    const own = join(folder, 'own-pki/own')
    mkdirSync(own, { recursive: true })
    make('mine', '-x509', '-days', '1')
    const key = join(folder, 'mine.key')
    writeFileSync(join(folder, 'mine-old.der'), make('mine-old', '-signkey', key, '-days', '-1'))
    openssl('x509', '-inform', 'DER', '-in', join(folder, 'mine-old.der'), '-out', join(own, 'certificate.pem'))
    copyFileSync(key, join(own, 'key.pem'))
    const mine = planConnection({ url: 'opc.tcp://plant:4840', pki: join(folder, 'own-pki') }, 'test')
    const made = ownCertificate(mine, await import('node-opcua-client'))
    await expect(made).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    await expect(made).rejects.toThrow(/our own certificate has expired .*; remove .*certificate.pem/)
  })

  it('of another application is refused', async () => {
    const der = make('other', '-x509', '-days', '1')
    await expect(
      checkServer(
        der,
        'urn:somebody',
        plan(() => true)
      )
    ).rejects.toThrow(/is that of urn:plant/)
    await checkServer(
      der,
      'urn:plant',
      plan(() => true)
    )
  })

  it('of no application is refused, also where somebody would trust it', async () => {
    const [key, cert] = [join(folder, 'web.key'), join(folder, 'web.der')]
    const request = ['req', '-x509', '-days', '1', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=web', '-keyout', key]
    openssl(...request, '-addext', 'subjectAltName=DNS:plant', '-outform', 'DER', '-out', cert)
    const checked = checkServer(
      readFileSync(cert),
      'urn:plant',
      plan(() => true)
    )
    await expect(checked).rejects.toThrow(/is that of no application, and the server says that it is urn:plant/)
  })

  it('is trusted with the authority that has signed it, and with no other', async () => {
    const ca = ['-addext', 'basicConstraints=critical,CA:TRUE']
    const trusted = join(folder, 'pki/trusted')
    mkdirSync(trusted, { recursive: true })
    make('ca', '-x509', '-days', '2', ...ca)
    make('ca2', '-x509', '-days', '2', ...ca)
    const toPem = (name: string): Buffer =>
      openssl('x509', '-inform', 'DER', '-in', join(folder, `${name}.der`), '-out', join(folder, `${name}.pem`))
    toPem('ca')
    toPem('ca2')
    const sign = (by: string): string[] => [
      '-CA',
      join(folder, `${by}.pem`),
      '-CAkey',
      join(folder, `${by}.key`),
      '-CAcreateserial',
      '-days',
      '1'
    ]
    const good = make('leaf', ...sign('ca'))
    const bad = make('leaf2', ...sign('ca2'))
    copyFileSync(join(folder, 'ca.pem'), join(trusted, 'ca.pem'))
    await checkServer(good, 'urn:plant', plan())
    await expect(checkServer(bad, 'urn:plant', plan())).rejects.toThrow(/is not trusted/)
    const chain = Buffer.concat([bad, readFileSync(join(folder, 'ca2.der'))])
    await expect(checkServer(chain, 'urn:plant', plan())).rejects.toThrow(/is not trusted/)
  })
})
