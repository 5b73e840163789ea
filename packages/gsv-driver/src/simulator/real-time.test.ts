import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { encodeRequestFrame, GsvParser } from '../codec/index.ts'
import { FramedDevice } from './device/framed-device.ts'
import { MODELS, settingsOf } from './device/settings.ts'
import { Faults } from './faults.ts'
import { RealTime, type RealTimeOptions } from './real-time.ts'
import { Signal } from './signal.ts'

function running(rate: number, options: RealTimeOptions = {}) {
  const channels = [{ noise: 0 }]
  const settings = settingsOf(MODELS['gsv-8'], channels, rate, 'float32')
  const signal = new Signal(channels, rate, 1)
  const device = new FramedDevice({ model: MODELS['gsv-8'], settings, channels, signal, faults: new Faults() })
  const { transmission } = device
  const parser = new GsvParser({ full() {}, response() {}, skipped() {} }, { layout: device.layout })
  const wire = { hasRoom: true, send: (bytes: Uint8Array) => parser.push(bytes) }
  const time = new VirtualTime()
  const realTime = new RealTime(device, time, options)
  realTime.attach(wire)
  return { device, transmission, parser, wire, time, realTime }
}

describe('RealTime', () => {
  it('sends one frame before it is started, then as many as the rate says, and none after the stop', async () => {
    const { transmission, parser, time, realTime } = running(1000)
    expect(parser.decoded).toBe(1)
    await time.advance(1000)
    expect(parser.decoded).toBe(1)
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(10_000)
    expect(transmission.sent).toBe(10_000)
    expect(parser.decoded).toBe(10_001)
    realTime.take(encodeRequestFrame(0x23))
    await time.advance(1000)
    expect(transmission.sent).toBe(10_000)
    expect(time.pending).toBe(0)
  })
  it('goes on counting when it is stopped and started again', async () => {
    const { transmission, time, realTime } = running(500)
    for (let i = 0; i < 3; i += 1) {
      realTime.take(encodeRequestFrame(0x24))
      await time.advance(1000)
      realTime.take(encodeRequestFrame(0x23))
      await time.advance(700)
    }
    expect(transmission.sent).toBe(1500)
  })
  it('loses the frames of a host that does not read, and counts them', async () => {
    const { transmission, parser, wire, time, realTime } = running(2000)
    realTime.take(encodeRequestFrame(0x24))
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

  it('goes on measuring while it is stopped and nobody is there, where it runs free', async () => {
    const { transmission, parser, wire, time, realTime } = running(1000, { freeRunning: true })
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(1000)
    realTime.take(encodeRequestFrame(0x23))
    await time.advance(500)
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(1000)
    realTime.detach(wire)
    await time.advance(250)
    realTime.attach(wire)
    await time.advance(100)
    expect(transmission.sent).toBe(2850)
    expect(transmission.lost).toBe(250)
    expect(transmission.log.silent).toBe(500)
    expect(parser.decoded).toBe(2101)
    expect(transmission.log.entries).toEqual([
      { from: 0, to: 1000, fate: 'written' },
      { from: 1000, to: 1500, fate: 'silent' },
      { from: 1500, to: 2500, fate: 'written' },
      { from: 2500, to: 2750, fate: 'lost' },
      { from: 2750, to: 2850, fate: 'written' }
    ])
  })

  it('measures on while it is unplugged, though it does not run free', async () => {
    const { transmission, parser, wire, time, realTime } = running(1000)
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(1000)
    realTime.unplug()
    realTime.detach(wire)
    await time.advance(5000)
    realTime.plug()
    expect([transmission.sent, transmission.lost]).toEqual([6000, 5000])
    realTime.attach(wire)
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(100)
    expect(transmission.sent).toBe(6100)
    expect(parser.decoded).toBe(1102)
  })

  it('holds what fits its buffer during a stall, loses the rest, and answers behind it', async () => {
    const { device, transmission, parser, time, realTime } = running(2000, { buffer: 800 })
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(1000)
    realTime.stall(500)
    realTime.take(encodeRequestFrame(0x23))
    await time.advance(499)
    expect(parser.decoded).toBe(2001)
    expect(device.transmitting).toBe(true)
    await time.advance(1)
    expect(device.transmitting).toBe(false)
    expect(parser.decoded).toBe(2101)
    expect([transmission.sent, transmission.lost]).toEqual([3000, 900])
    expect(device.asyncError).toBe(0x91)
  })

  it('has a crystal of its own', async () => {
    const { transmission, time, realTime } = running(12_000, { crystal: 80 })
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(100_000)
    expect(transmission.sent).toBe(1_200_096)
    expect(realTime.timeOf(1_200_095)).toBeCloseTo(100_000, 3)
  })

  it('logs what it damages, and nothing else is damaged', async () => {
    const { transmission, parser, time, realTime } = running(1000)
    transmission.wire.set({ corrupt: 0.002, drop: 0.001, seed: 3, split: 7, delayMs: 16 })
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(20_000)
    realTime.take(encodeRequestFrame(0x23))
    transmission.wire.set({})
    const { entries } = transmission.log
    const damaged = entries.filter(({ fate }) => fate === 'damaged').reduce((sum, { from, to }) => sum + to - from, 0)
    // eight bytes a frame, three in a thousand
    expect(damaged).toBeGreaterThan(350)
    expect(damaged).toBeLessThan(620)
    expect(entries.at(-1)?.to).toBe(20_000)
    // a value that is wrong inside a frame without a checksum is seen by nobody
    expect(parser.decoded).toBeGreaterThan(20_000 - damaged)
    expect(parser.decoded).toBeLessThan(20_001)
  })

  it('forgets what is volatile when it is switched off and on, and transmits again', async () => {
    const { device, transmission, parser, time, realTime } = running(1000, { freeRunning: true })
    realTime.take(encodeRequestFrame(0x24))
    await time.advance(100)
    realTime.take(encodeRequestFrame(0x23))
    device.idState = 8
    realTime.restart()
    realTime.take(encodeRequestFrame(0x23))
    await time.advance(1000)
    expect(device.idState).toBe(0)
    expect(parser.decoded).toBe(401)
    expect([transmission.sent, transmission.log.silent]).toEqual([1100, 700])
  })

  it('refuses a request whose rest does not come', async () => {
    const { time, realTime, wire } = running(1000)
    const answers: number[][] = []
    wire.send = (bytes) => void answers.push([...bytes])
    realTime.take(Uint8Array.of(0xaa, 0x91, 0x14))
    await time.advance(199)
    expect(answers).toEqual([])
    await time.advance(1)
    expect(answers).toEqual([[0xaa, 0x50, 0x5a, 0x85]])
  })
})
