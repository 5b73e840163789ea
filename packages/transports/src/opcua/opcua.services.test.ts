import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeNs } from '@messwerk/core/model'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CountedGap, type CountedRow, judgeCounted } from '../../../../oracle/opcua/judge-opcua.ts'
import { readSeenLog } from '../../../../oracle/opcua/seen-log.ts'
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
      const started = await start({ history: true, seen: true })
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
      expect(['reconnect', 'lost']).toContain(got.gaps[0]?.cause)
      const seen = server.seen === undefined ? undefined : readSeenLog(readFileSync(server.seen, 'utf8'))
      const result = judgeCounted(rowsOf(got), gapsOf(got), { seen })
      // Milo still has the subscription, asyncua the history
      const none = { undeclared: 0, declared: 0, repeated: 0, restarts: 0 }
      expect(result, JSON.stringify(got.gaps)).toMatchObject(none)
      expect(got.gaps[0]?.scans).toBe(0)
      if (name === 'asyncua') expect(got.blocks.some(({ origin }) => origin.historical)).toBe(true)
      await got.stop()
      await proxy.close()
    })

    it('comes back after a PLC download: other namespace index, other node id; then after silent minutes', async () => {
      const proxy = new TcpProxy(server.port)
      const port = await proxy.listen()
      const url = server.url.replace(String(server.port), String(port))
      // minutes in small: the queue holds 0.6 s, the link is silent for longer
      const small = { publishing: '200ms', queue: 120, timeout: '1s' } as const
      const got = read({ ...small, url, streams: { press: { counter: 'plant/counter' } } })
      /** Waits until its silence is noticed: by itself, in twice the publishing interval. */
      const isNoticed = async (report: number): Promise<void> => {
        const noticed = () => got.reports.slice(report).find(({ state }) => state === 'degraded')
        await got.until(() => noticed() !== undefined, 'degraded')
        expect(noticed()?.why).toMatch(/for 400 ms/)
      }
      await got.until(() => got.values('counter').length > 100, 'data')

      let report = got.reports.length
      const downloaded = proxy.hold()
      await server.kill()
      await isNoticed(report)
      await server.restart({ pad: 2, counterId: 'counter-2' })
      let before = got.values('counter').length
      await got.until(() => got.values('counter').length > before + 50, 'data of the new program', 60_000)
      downloaded()
      expect(got.gaps.at(-1)).toEqual({ scans: 'unknown', cause: 'reconnect' })

      report = got.reports.length
      before = got.values('counter').length
      const nowhere = createServer(() => {}).listen(0, '127.0.0.1')
      await once(nowhere, 'listening')
      proxy.target = (nowhere.address() as AddressInfo).port
      const heard = proxy.hold()
      await isNoticed(report)
      await new Promise((resolve) => setTimeout(resolve, 3000))
      proxy.target = server.port
      const silentTo = BigInt(Date.now()) * 1_000_000n
      await got.until(() => (rowsOf(got).at(-1)?.time ?? 0n) > silentTo, 'data after the silence', 60_000)
      heard()
      expect(got.reports.at(-1)?.state).toBe('running')
      await got.stop()
      await proxy.close()
      nowhere.close()

      const seen = server.seen === undefined ? undefined : readSeenLog(readFileSync(server.seen, 'utf8'))
      const result = judgeCounted(rowsOf(got), gapsOf(got), { seen })
      const none = { undeclared: 0, repeated: 0, restartsUndeclared: 0, restarts: 1 }
      expect(result, JSON.stringify(got.gaps)).toMatchObject(none)
      // what its queue has kept comes behind a gap; asyncua does not let its subscription be taken over, so it goes with it
      expect(got.gaps.map(({ cause }) => cause)).toContain(name === 'asyncua' ? 'reconnect' : 'overflow')
      expect(result.declared).toBeGreaterThan(0)
    })
  })

  describe(`opcuaSource and a certificate of ${name} that is out of date`, () => {
    it('says so, and would try again', async ({ skip }) => {
      const server = await start({ expired: true })
      if (typeof server === 'string') return skip(server)
      const pki = mkdtempSync(join(tmpdir(), 'messwerk-pki-'))
      const source = opcuaSource({ url: server.url, pki, streams, trust: () => true })
      const got = new Reader(source, { retryMs: 1000 })
      try {
        await got.until(() => got.errors.length > 0)
        expect(got.errors[0]).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
        expect(got.errors[0]?.message).toMatch(/has expired on/)
      } finally {
        await got.stop()
        await server.stop()
        rmSync(pki, { recursive: true })
      }
    })
  })
}

function rowsOf(reader: Reader): CountedRow[] {
  return reader.blocks.flatMap((block) =>
    Array.from(block.values.subarray(0, block.length), (value, i) => ({ time: timeNs(block, i), value }))
  )
}

function gapsOf(reader: Reader): CountedGap[] {
  return reader.blocks.flatMap((block) => {
    if (!block.gap) return []
    const { scans } = block.gap
    return [{ before: timeNs(block, 0), scans: scans === 'unknown' ? undefined : scans }]
  })
}
