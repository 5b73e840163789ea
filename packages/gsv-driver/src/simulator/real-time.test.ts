import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { encodeRequest, GsvParser } from '../codec/index.ts'
import { Faults } from './faults.ts'
import { RealTime } from './real-time.ts'
import { Signal } from './signal.ts'
import { SimulatedDevice } from './simulated-device.ts'
import { Transmission } from './transmission.ts'

function running(rate: number) {
  const channels = [{ noise: 0 }]
  const signal = new Signal(channels, rate, 1)
  const layout = { objects: 1, dataType: 'float32', crc: false } as const
  const transmission = new Transmission(layout, signal, new Faults(), Float64Array.of(1000))
  const device = new SimulatedDevice(channels, rate, 1, transmission, signal)
  const parser = new GsvParser({ full() {}, response() {}, skipped() {} }, { layout })
  const wire = { hasRoom: true, send: (bytes: Uint8Array) => parser.push(bytes) }
  const time = new VirtualTime()
  const realTime = new RealTime(device, wire, time)
  return { transmission, parser, wire, time, realTime }
}

describe('RealTime', () => {
  it('sends one frame before it is started, then as many as the rate says, and none after the stop', async () => {
    const { transmission, parser, time, realTime } = running(1000)
    expect(parser.decoded).toBe(1)
    await time.advance(1000)
    expect(parser.decoded).toBe(1)
    realTime.take(encodeRequest(0x24))
    await time.advance(10_000)
    expect(transmission.sent).toBe(10_000)
    expect(parser.decoded).toBe(10_001)
    realTime.take(encodeRequest(0x23))
    await time.advance(1000)
    expect(transmission.sent).toBe(10_000)
    expect(time.pending).toBe(0)
  })
  it('goes on counting when it is stopped and started again', async () => {
    const { transmission, time, realTime } = running(500)
    for (let i = 0; i < 3; i += 1) {
      realTime.take(encodeRequest(0x24))
      await time.advance(1000)
      realTime.take(encodeRequest(0x23))
      await time.advance(700)
    }
    expect(transmission.sent).toBe(1500)
  })
  it('loses the frames of a host that does not read, and counts them', async () => {
    const { transmission, parser, wire, time, realTime } = running(2000)
    realTime.take(encodeRequest(0x24))
    await time.advance(1000)
    wire.hasRoom = false
    await time.advance(250)
    wire.hasRoom = true
    await time.advance(1000)
    expect(transmission.sent).toBe(4500)
    expect(transmission.lost).toBe(500)
    expect(parser.decoded).toBe(4001)
    expect(parser.skippedBytes).toBe(0)
  })
})
