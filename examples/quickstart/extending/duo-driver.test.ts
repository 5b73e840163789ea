import { driverSuite, sourceSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { duoDevice, duoFrame, duoLink, duoValues } from './duo-device.ts'
import { duoSource } from './duo-driver.ts'

driverSuite(
  'duoSource',
  {
    open: (link) => duoSource({ link, id: 'press-3', buffer: '64KiB' }),
    device: duoDevice,
    rate: 500,
    channels: { force: 'kN', travel: 'mm' },
    values: duoValues,
    frame: duoFrame,
    damage: (frame) => frame.map((byte, at) => (at === 3 ? byte ^ 0x40 : byte)),
    mayWrite: (bytes) => '?GH'.includes(String.fromCharCode(...bytes)),
    bufferScans: 4096
  },
  { describe, it }
)

sourceSuite(
  'duoSource',
  {
    open: () => duoSource({ link: () => duoLink(), id: 'press-3' }),
    unreachable: () => duoSource({ link: () => duoLink({ isDead: true }), id: 'press-3' }),
    take: 5,
    skip: { S7: 'how much it delivers until it is stopped is not known', S8: 'a transmitter keeps nothing' }
  },
  { describe, it }
)
