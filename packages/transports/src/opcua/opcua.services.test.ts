import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import { startAsyncua } from '../../../../test/servers/asyncua.ts'
import { type OpcuaTestServer, startMilo } from '../../../../test/servers/milo.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSource } from './opcua-source.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'

const inStep = (before: number, value: number, most: number): boolean => value > before && value <= before + most
const streams = { press: { counter: 'plant/counter', vib: 'nsu=urn:mw:plant;s=vib' } }

for (const [name, start, fields] of [
  ['asyncua', startAsyncua, ['vib.rms', 'vib.peak', 'vib.count']],
  ['Eclipse Milo', startMilo, ['vib.x', 'vib.value']]
] as const) {
  describe(`opcuaSource and ${name}`, () => {
    let server: OpcuaTestServer
    let reader: Reader | undefined
    const pki = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
    let why: string | undefined
    beforeAll(async () => {
      const started = await start({ history: true })
      if (typeof started === 'string') why = started
      else server = started
    })
    beforeEach(({ skip }) => {
      if (why !== undefined) skip(why)
    })
    afterEach(async () => {
      await reader?.stop().catch(() => {})
      reader = undefined
    })
    afterAll(async () => {
      await server?.stop()
      rmSync(pki, { recursive: true, force: true })
    })

    function read(options: Partial<OpcuaSourceOptions<string>> = {}): Reader {
      const user = { name: 'mw', password: 'mw-secret' }
      const base = {
        url: server.url,
        pki,
        user,
        streams,
        publishing: '200ms',
        sampling: '5ms',
        trust: () => true
      } as const
      reader = new Reader(opcuaSource({ ...base, ...options }))
      return reader
    }

    it('reads signed and encrypted, with a password: every change, and structures as channels', async () => {
      const got = read()
      await got.until(() => got.values('counter').length > 200 && got.values(fields[0]).length > 10, 'data')
      const counted = got.values('counter').slice(1)
      // Milo looks every 5 ms, and may come late
      const most = name === 'asyncua' ? 1 : Number.POSITIVE_INFINITY
      expect(counted.every((value, i) => i === 0 || inStep(counted[i - 1] as number, value, most))).toBe(true)
      const names = got.blocks[0]?.stream.channels.map((channel) => channel.name)
      expect(names).toEqual(['counter', ...fields])
      expect(got.gaps).toEqual([])
    })

    it('refuses a wrong password and a certificate that nobody trusts', async () => {
      const wrong = read({ user: { name: 'mw', password: 'x' } })
      await expect(wrong.done).rejects.toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
      const untrusted = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
      const got = read({ pki: untrusted, trust: undefined })
      await expect(got.done).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' })
      await expect(got.done).rejects.toThrow(/is not trusted/)
      rmSync(untrusted, { recursive: true })
    })

    it('goes on after a cut link, and declares or fills what is missing', async () => {
      const proxy = new TcpProxy(server.port)
      const port = await proxy.listen()
      const url = server.url.replace(String(server.port), String(port))
      const only = { press: { counter: 'plant/counter' } }
      const got = read({ url, streams: only, backfill: true })
      await got.until(() => got.values('counter').length > 50, 'data')
      proxy.cut()
      const before = got.values('counter').length
      await got.until(() => {
        const isLive = got.blocks.at(-1)?.origin.historical !== true
        return isLive && got.values('counter').length > before + 200
      }, 'data after the cut')
      const counted = got.values('counter').slice(1)
      const skipped = counted.findIndex((value, i) => i > 0 && !inStep(counted[i - 1] as number, value, 3))
      expect(counted.every((value, i) => i === 0 || value > (counted[i - 1] as number))).toBe(true)
      expect(got.gaps.length).toBeGreaterThan(0)
      expect(['reconnect', 'lost']).toContain(got.gaps[0]?.cause)
      // Milo samples when it comes to it: a wider step need not be a hole there, nor has it history
      if (name === 'asyncua') {
        expect(got.gaps[0]?.scans).toBe(skipped >= 0 ? 'unknown' : 0)
        expect(got.blocks.some(({ origin }) => origin.historical)).toBe(true)
      }
      await got.stop()
      await proxy.close()
    })

    it('comes back after a PLC download: other namespace index, other node id, ten half-open minutes', async () => {
      const proxy = new TcpProxy(server.port)
      const port = await proxy.listen()
      const url = server.url.replace(String(server.port), String(port))
      const got = read({ url, publishing: '500ms', streams: { press: { counter: 'plant/counter' } } })
      await got.until(() => got.values('counter').length > 100, 'data')
      const since = Date.now()
      const release = proxy.hold()
      await server.kill()
      await got.until(() => got.reports.some(({ state, at }) => state === 'degraded' && at >= since), 'degraded')
      const noticed = got.reports.find(({ state, at }) => state === 'degraded' && at >= since)?.at as number
      // twice the publishing interval, and what the machine needs to look at it
      expect(noticed - since).toBeLessThan(2 * 500 + 1000)
      await server.restart({ pad: 2, counterId: 'counter-2' })
      const before = got.values('counter').length
      await got.until(() => got.values('counter').length > before + 50, 'data of the new program', 60_000)
      release()
      expect(got.gaps).toContainEqual({ scans: 'unknown', cause: 'reconnect' })
      expect(got.reports.at(-1)?.state).toBe('running')
      await got.stop()
      await proxy.close()
    })
  })
}

describe('opcuaSource and a certificate that is out of date', () => {
  it('says so, and would try again', async (context) => {
    const server = await startAsyncua({ expired: true })
    if (typeof server === 'string') return context.skip(server)
    const pki = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
    const source = opcuaSource({ url: server.url, pki, streams, trust: () => true })
    const got = new Reader(source, { retryMs: 1000 })
    await got.until(() => got.errors.length > 0)
    expect(got.errors[0]).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(got.errors[0]?.message).toMatch(/has expired on/)
    await got.stop()
    await server.stop()
    rmSync(pki, { recursive: true })
  })
})
