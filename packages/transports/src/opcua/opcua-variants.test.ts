import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecurityPolicy } from 'node-opcua-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlantServer } from './fixtures/plant-server.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { type PlantOptions, startPlant } from './fixtures/start-plant.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

describe('an OPC UA source and servers that differ', () => {
  const ends: (() => unknown)[] = []
  let pki: string
  beforeEach(() => {
    pki = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    rmSync(pki, { recursive: true })
  })

  const start = (options?: PlantOptions): Promise<PlantServer> => startPlant(ends, options)

  function read(url: string, options: Partial<OpcuaSourceOptions<string>> = {}): Reader {
    const streams = { press: { counter: 'plant/counter' } }
    const base = { url, security: 'None', streams, publishing: '50ms', sampling: '0ms', timeout: '5s' } as const
    const reader = new Reader(opcuaSource({ ...base, ...options }))
    ends.push(() => reader.stop().catch(() => {}))
    return reader
  }

  it('logs in with a certificate', async () => {
    const plant = await start()
    const [key, certificate, other] = ['user.key', 'user.pem', 'other.key'].map((name) => join(pki, name)) as [
      string,
      string,
      string
    ]
    const { OPENSSL_CONF: _, ...env } = process.env
    const names = ['-subj', '/CN=reader', '-addext', 'subjectAltName=URI:urn:reader']
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names]
    execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'pipe', env })
    writeFileSync(other, execFileSync('openssl', ['genrsa', '2048'], { stdio: 'pipe', env }))
    const secured = { security: 'SignAndEncrypt', pki: join(pki, 'pki'), trust: () => true } as const
    const reader = read(plant.url, { ...secured, user: { certificate, key } })
    await reader.until(() => reader.values('counter').includes(0))
    const users = Object.values(
      (plant.server.engine as unknown as { _sessions: Record<string, { userIdentityToken?: object }> })._sessions
    )
    expect(users.map(({ userIdentityToken }) => userIdentityToken?.constructor.name)).toContain('X509IdentityToken')
    const wrong = read(plant.url, { ...secured, user: { certificate, key: other } })
    await expect(wrong.done).rejects.toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
  })

  it('is signed only, or encrypted otherwise, where that is asked for', async () => {
    const { Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss } = SecurityPolicy
    const plant = await start({ policies: [Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss] })
    const user = { name: 'mw', password: 'mw-secret' }
    for (const wanted of [
      { security: 'Sign' },
      { policy: 'Aes128_Sha256_RsaOaep' },
      { policy: 'Aes256_Sha256_RsaPss' }
    ] as const) {
      const options = Object.assign(
        { security: 'SignAndEncrypt', pki: join(pki, 'pki'), trust: () => true, user },
        wanted
      )
      const reader = read(plant.url, options as Partial<OpcuaSourceOptions<string>>)
      await reader.until(() => reader.values('counter').includes(0), JSON.stringify(wanted))
      await reader.stop()
    }
  })

  it('asks again about a certificate that was renewed, and goes on', async () => {
    const plant = await start()
    const asked: string[] = []
    const trust = ({ fingerprint }: { readonly fingerprint: string }): boolean => asked.push(fingerprint) > 0
    const reader = read(plant.url, { security: 'SignAndEncrypt', pki, trust })
    await reader.until(() => reader.values('counter').includes(0))
    await plant.stop()
    const again = await start({ port: plant.port, count: 100 })
    await reader.until(() => reader.values('counter').includes(100), 'data of the server with another certificate')
    expect(new Set(asked).size).toBe(2)
    expect(readdirSync(join(pki, 'trusted')).length).toBe(2)
    expect(reader.gaps).toEqual([{ scans: 'unknown', cause: 'reconnect' }])
    await reader.stop()
    await again.stop()
    await start({ port: plant.port })
    const strict = read(plant.url, { security: 'SignAndEncrypt', pki })
    await expect(strict.done).rejects.toThrow(/is not trusted/)
  })

  it('reports only changes beyond a part of the range', async () => {
    const plant = await start()
    const node = 'nsu=urn:mw:plant;s=temperature'
    const reader = read(plant.url, { streams: { press: { t: { node, deadband: '2%' } } } }) // of 190 K: 3.8 K
    await reader.until(() => reader.values('t').includes(20))
    for (const value of [22, 23.5, 24, 26, 30]) plant.set('temperature', value)
    await reader.until(() => reader.values('t').includes(30))
    expect(reader.values('t')).toEqual([20, 24, 30])
    const none = read(plant.url, { streams: { press: { c: { path: 'plant/counter', deadband: '2%' } } } })
    await expect(none.done).rejects.toMatchObject({ code: 'DEVICE_REFUSED' })
  })

  it('polls a server that refuses subscriptions, and says so', async () => {
    const plant = await start({ subscriptions: 1 })
    const first = read(plant.url)
    await first.until(() => first.values('counter').includes(0))
    const second = read(plant.url)
    await second.until(() => second.values('counter').includes(0))
    plant.tick()
    await second.until(() => second.values('counter').includes(1))
    const running = second.reports.find(({ state }) => state === 'running')
    expect(running?.why).toBe('the server refuses subscriptions (BadTooManySubscriptions): read every 50 ms')
  })

  it('does not poll such a server where events are asked for', async () => {
    const plant = await start({ subscriptions: 1 })
    const first = read(plant.url)
    await first.until(() => first.values('counter').includes(0))
    const second = read(plant.url, { events: { server: 'i=2253' } })
    await second.until(() => second.errors.length > 0)
    expect(second.errors[0]).toMatchObject({ code: 'NOT_CONNECTED' })
    expect(second.errors[0]?.message).toMatch(/refuses subscriptions \(BadTooManySubscriptions\), and events need one/)
    expect(second.blocks).toEqual([])
  })
})
