// Writing and events, on servers of other makes.
import { type BatchError, blockOf, type MeasurementEvent } from '@messwerk/core/model'
import { AttributeIds, OPCUAClient, UserTokenType } from 'node-opcua-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TcpProxy } from '../../../../oracle/tcp-proxy.ts'
import { startAsyncua } from '../../../../test/servers/asyncua.ts'
import { type OpcuaTestServer, startMilo } from '../../../../test/servers/milo.ts'
import { Reader } from './fixtures/read-opcua.ts'
import { opcuaSink } from './opcua-sink.ts'
import type { OpcuaSinkOptions, OpcuaWrite } from './opcua-sink-options.ts'
import { opcuaSource } from './opcua-source.ts'

const user = { name: 'mw', password: 'mw-secret' }
const signal = (): AbortSignal => AbortSignal.timeout(60_000)
const BAD_TYPE = 0x80740000
const BAD_RANGE = 0x803c0000

/** A block of one scan; each is later than the one before. */
let clock = 1_700_000_000_000
function scan(values: Readonly<Record<string, number>>) {
  clock += 1000
  const names = Object.keys(values)
  const channels = Object.fromEntries(names.map((name) => [name, '1']))
  const columns = Object.fromEntries(names.map((name) => [name, [values[name] as number]]))
  return blockOf({ stream: 'press', channels, rate: 1, start: clock }, columns)
}

for (const { name, start, refusal, replaysConditions } of [
  { name: 'asyncua', start: startAsyncua, refusal: BAD_TYPE, replaysConditions: true },
  { name: 'Eclipse Milo', start: startMilo, refusal: BAD_RANGE, replaysConditions: false }
]) {
  describe(name, () => {
    let server: OpcuaTestServer
    let why: string | undefined
    const ends: (() => unknown)[] = []
    beforeAll(async () => {
      const started = await start()
      if (typeof started === 'string') why = started
      else server = started
    })
    beforeEach(({ skip }) => {
      if (why !== undefined) skip(why)
    })
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end()
    })
    afterAll(() => server?.stop())

    function sinkOf(channels: readonly string[], more: Partial<OpcuaSinkOptions> = {}) {
      const press = Object.fromEntries(channels.map((channel) => [channel, `plant/${channel}`]))
      const sink = opcuaSink({ url: server.url, security: 'None', user, streams: { press }, ...more })
      ends.push(() => sink.close?.())
      return sink
    }

    /** What the nodes hold, by a client that is not the SDK's. */
    async function held(...names: readonly string[]): Promise<unknown[]> {
      const client = OPCUAClient.create({ endpointMustExist: false })
      await client.connect(server.url)
      try {
        const login = { type: UserTokenType.UserName, userName: user.name, password: user.password } as const
        const session = await client.createSession(login)
        const index = (await session.readNamespaceArray()).indexOf('urn:mw:plant')
        const nodes = names.map((id) => ({ nodeId: `ns=${index};s=${id}`, attributeId: AttributeIds.Value }))
        return (await session.read(nodes)).map(({ value }) => value.value)
      } finally {
        await client.disconnect()
      }
    }

    it('takes values in the type of each node', async () => {
      const names = ['toBoolean', 'toByte', 'toInt16', 'toUInt32', 'toFloat', 'toDouble']
      const sink = sinkOf(names)
      await sink.open?.(signal())
      const values = {
        toBoolean: 1,
        toByte: 255,
        toInt16: -32_768,
        toUInt32: 4_294_967_295,
        toFloat: 0.5,
        toDouble: 1e300
      }
      await sink.write([scan(values)], signal())
      expect(await held(...names)).toEqual([true, 255, -32_768, 4_294_967_295, 0.5, 1e300])
    })

    it('is sent nothing that does not fit its type; the other values of the write are there', async () => {
      const sink = sinkOf(['toBoolean', 'toByte', 'toInt16', 'toDouble'])
      const items = [scan({ toBoolean: 0, toByte: 7, toInt16: 7, toDouble: 7 })]
      await sink.write(items, signal())
      const wrong = scan({ toBoolean: 2, toByte: 256, toInt16: 2.5, toDouble: 8 })
      const error = (await sink.write([wrong], signal()).catch((cause: unknown) => cause)) as BatchError
      expect([...error.failed.keys()]).toEqual([0])
      expect(error.failed.get(0)).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
      expect(await held('toBoolean', 'toByte', 'toInt16', 'toDouble')).toEqual([false, 7, 7, 8])
    })

    it('refuses a value itself: the status of that node, in the error of that block', async () => {
      const sink = sinkOf(['toPicky', 'toDouble'])
      const error = (await sink
        .write([scan({ toPicky: 101, toDouble: 44 })], signal())
        .catch((cause: unknown) => cause)) as BatchError
      expect(error.failed.get(0)).toMatchObject({ code: 'DEVICE_REFUSED', deviceCode: refusal, retryable: false })
      expect(error.failed.get(0)?.message).toContain('toPicky')
      expect(await held('toDouble')).toEqual([44])
    })

    it('has nodes that cannot be written to: all in one error, before anything is written', async () => {
      const names = ['counter', 'vib', 'spectrum', 'text', 'nope', 'toByte']
      const error = await sinkOf(names)
        .open?.(signal())
        .catch((cause: unknown) => cause)
      expect(error).toMatchObject({ code: 'DEVICE_REFUSED', retryable: false })
      const { message } = error as Error
      for (const wrong of names.slice(0, -1)) expect(message).toContain(`press, ${wrong} (plant/${wrong})`)
      expect(message).not.toContain('toByte')
    })

    it('is left alone by a dry run', async () => {
      const told: OpcuaWrite[] = []
      const before = await held('toDouble')
      await sinkOf(['toDouble'], { dryRun: (write) => told.push(write) }).write([scan({ toDouble: 99 })], signal())
      expect(told).toMatchObject([{ channel: 'toDouble', type: 'Double', value: 99 }])
      expect(await held('toDouble')).toEqual(before)
    })

    it('goes on where nothing changes', async () => {
      const streams = { press: { setpoint: 'plant/setpoint' } }
      const reader = new Reader(opcuaSource({ url: server.url, security: 'None', user, streams, publishing: '200ms' }))
      ends.push(() => reader.stop().catch(() => {}))
      // Milo never says that a subscription lives where that is asked for in each interval
      const isSteady = (): boolean => {
        const last = reader.reports.at(-1)
        return last?.state === 'running' && Date.now() - last.at > 3000
      }
      await reader.until(isSteady, 'a connection that stays')
      await sinkOf(['setpoint']).write([scan({ setpoint: 7.5 })], signal())
      await reader.until(() => reader.values('setpoint').at(-1) === 7.5, 'the new value')
    })

    it('sends events and an alarm, and what is active after a cut as far as it tells', async () => {
      await sinkOf(['say', 'hot']).write([scan({ say: 0, hot: 0 })], signal()) // also where it runs again
      const proxy = new TcpProxy(server.port)
      const port = await proxy.listen()
      ends.push(() => proxy.close())
      const url = server.url.replace(String(server.port), String(port))
      const events = { hall: { path: 'plant', severity: 200 } }
      const streams = { press: { counter: 'plant/counter' } }
      const reader = new Reader(opcuaSource({ url, security: 'None', user, streams, events, publishing: '200ms' }))
      ends.push(() => reader.stop().catch(() => {}))
      const got = (): MeasurementEvent[] => reader.batches.flatMap((batch) => batch.events ?? [])
      const alarms = (): MeasurementEvent[] => got().filter(({ rule }) => rule === 'hot')
      await reader.until(() => reader.reports.some(({ state }) => state === 'running'), 'the connection')

      const sink = sinkOf(['say', 'hot'])
      await sink.write([scan({ say: 199, hot: 0 })], signal())
      await sink.write([scan({ say: 300, hot: 1 })], signal())
      await reader.until(() => alarms().length > 0 && got().some(({ rule }) => rule === 'BaseEventType'), 'events')
      const said = got().filter(({ rule }) => rule === 'BaseEventType')
      expect(said).toMatchObject([
        { kind: 'notice', phase: 'end', stream: 'hall', data: { message: 'said 300', severity: 300, source: 'plant' } }
      ])
      const condition = 'nsu=urn:mw:plant;s=hotAlarm'
      const data = {
        type: 'OffNormalAlarmType',
        message: 'it is hot',
        severity: 700,
        condition,
        active: true,
        acked: false
      }
      expect(alarms()).toMatchObject([{ kind: 'notice', phase: 'begin', stream: 'hall', rule: 'hot', data }])

      const running = reader.reports.filter(({ state }) => state === 'running').length
      proxy.cut()
      const isBack = (): boolean => reader.reports.filter(({ state }) => state === 'running').length > running
      await reader.until(isBack, 'a new connection')
      const hasEnded = (): boolean => alarms().some(({ phase }) => phase === 'end')
      // a server that tells nothing of its conditions when it is asked has none active: Milo's own answer is empty
      if (!replaysConditions) await reader.until(hasEnded, 'the end of the alarm')
      await sink.write([scan({ hot: 0, say: 0 })], signal())
      await reader.until(hasEnded, 'the end of the alarm')
      const [begin, end] = [alarms()[0], alarms().at(-1)]
      expect(end?.id).toBe(begin?.id)
      expect(end?.end).toBeGreaterThanOrEqual(begin?.start as number)
      expect((end as MeasurementEvent & { data: { endedBy?: string } }).data.endedBy).toBe(
        replaysConditions ? undefined : 'refresh'
      )
    })
  })
}
