import type { ByteLink, ByteReceiver } from '@messwerk/core/driver'
import { describe, expect, it } from 'vitest'
import { GsvError } from '../commands/index.ts'
import { simulateGsv } from '../simulator/index.ts'
import { openGsv } from './open-gsv.ts'

/** A simulated GSV-6 with another software configuration. */
function withSoftware(flags: readonly number[], firmware?: string): ByteLink {
  const inner = simulateGsv({ model: 'gsv-6', ...(firmware === undefined ? {} : { firmware }) }).link()
  let receiver: ByteReceiver | undefined
  return {
    url: inner.url,
    start: (to) => {
      receiver = to
      inner.start(to)
    },
    write: async (bytes) => {
      if (bytes[2] !== 0x2a) return inner.write(bytes)
      receiver?.data(Uint8Array.of(0xaa, 0x54, 0, ...flags, 0x85), 0)
    },
    close: () => inner.close()
  }
}

describe('a GSV-6BT', () => {
  it('is known by its software configuration, and has its commands', async () => {
    const gsv = await openGsv({ link: withSoftware([0x07, 0x60, 0x04, 0x03]) })
    expect(gsv.device).toMatchObject({ model: 'gsv-6', variant: 'gsv-6bt' })
    await gsv.refresh()
    expect(gsv.device.variant).toBe('gsv-6bt')
    // it is sent, and the simulated device has no clock
    await expect(gsv.command('ReadClockTime', { index: 0 })).rejects.toThrow(GsvError)
    await gsv.close()
  })

  it('is no other GSV-6, and none that is too old to say it', async () => {
    for (const link of [withSoftware([0x07, 0x60, 0x00, 0x03]), withSoftware([0, 0, 4, 0], '3.20')]) {
      const gsv = await openGsv({ link })
      expect(gsv.device.variant).toBeUndefined()
      await expect(gsv.command('ReadClockTime', { index: 0 })).rejects.toThrow(RangeError)
      await gsv.close()
    }
  })
})
