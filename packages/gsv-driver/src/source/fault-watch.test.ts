import { TimeoutError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { FrameFlag, ScanBuffer } from '../codec/index.ts'
import { valueErrorBytes } from '../commands/index.ts'
import type { GsvSession } from '../device/gsv-session.ts'
import type { GsvDevice } from '../device/probe.ts'
import { FaultWatch } from './fault-watch.ts'

/** A GSV-8 with two channels whose answers are given one by one. */
class Device {
  readonly scans = new ScanBuffer(2, 4)
  /** Questions that wait for their answer. */
  readonly asked: { readonly index: number; answer(fault: Uint8Array): void; fail(error: Error): void }[] = []
  readonly watch: FaultWatch

  private constructor() {
    const session = {
      has: () => true,
      parser: { scans: this.scans },
      command: (_name: string, { index }: { readonly index: number }) =>
        new Promise((resolve, reject) => {
          this.asked.push({ index, answer: (fault) => resolve({ fault }), fail: reject })
        })
    }
    const range = [-1, 1] as const
    const device = { model: 'gsv-8', channels: [{ range }, { range }] }
    this.watch = new FaultWatch(session as unknown as GsvSession, device as unknown as GsvDevice)
  }

  /** One that has counted no fault so far. */
  static async begin(): Promise<Device> {
    const device = new Device()
    const begun = device.watch.begin()
    await device.counts(0)
    await begun
    return device
  }

  /** Takes a scan in, with flags or without; returns which of its values are uncertain. */
  scan(flags: number, at: number): number {
    const { scans, watch } = this
    scans.flags[0] = flags
    scans.length = 1
    watch.examine(scans)
    watch.ask(at)
    watch.taken()
    scans.length = 0
    return flags === 0 ? 0 : (watch.masks[0] as number)
  }

  /** Takes a scan without flags in, and says that nothing has happened. */
  async good(at: number): Promise<void> {
    this.scan(0, at)
    await this.names(1)
    await this.counts(0)
  }

  /** Answers the question for the count. */
  counts(count: number): Promise<void> {
    return this.#answer(0, Uint8Array.of(count, 0, 0, 0, 0, 0))
  }

  /** Answers the question for the last fault: this channel is too high. */
  names(channel: number): Promise<void> {
    return this.#answer(1, valueErrorBytes({ type: 1, minutes: 0, flags: 1 << (channel - 1) }))
  }

  async #answer(index: number, fault: Uint8Array): Promise<void> {
    const question = this.asked.shift()
    expect(question?.index).toBe(index)
    question?.answer(fault)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const ALL = 0xffff
const FLAG = FrameFlag.saturated

describe('FaultWatch', () => {
  it('asks again 10 s after a question that was not answered, not before', async () => {
    const device = await Device.begin()
    device.scan(FLAG, 1000)
    expect(device.asked).toHaveLength(1)
    device.asked.shift()?.fail(new TimeoutError('answer', 1000))
    await new Promise((resolve) => setImmediate(resolve))
    for (const at of [1500, 2000, 10_999]) expect(device.scan(FLAG, at)).toBe(ALL)
    expect(device.asked).toEqual([])
    device.scan(FLAG, 11_000)
    expect(device.asked).toHaveLength(1)
  })

  it('asks twice a second while it is answered, and believes what it is told', async () => {
    const device = await Device.begin()
    await device.good(400)
    expect(device.scan(FLAG, 1000)).toBe(ALL)
    await device.names(2)
    await device.counts(1)
    expect(device.scan(FLAG, 1010)).toBe(0b10)
    expect(device.asked).toEqual([])
    device.scan(FLAG, 1500)
    expect(device.asked).toHaveLength(1)
  })

  it('does not take what it is told of a fault that is over for the one that follows', async () => {
    const device = await Device.begin()
    await device.good(400)
    device.scan(FLAG, 1000)
    await device.names(1)
    await device.counts(1)
    device.scan(0, 1100)
    // short, between two questions
    device.scan(FLAG, 1200)
    device.scan(0, 1250)
    device.scan(0, 1500)
    await device.names(1)
    await device.counts(2)
    expect(device.scan(FLAG, 1600)).toBe(ALL)
  })
})
