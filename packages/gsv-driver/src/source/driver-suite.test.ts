import type { ByteLink } from '@messwerk/core/driver'
import { type DriverDevice, type DriverSubject, driverSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { encodeMeasured } from '../codec/index.ts'
import { RequestParser } from '../codec/request-parser.ts'
import { commandByCode } from '../commands/index.ts'
import { FramedDevice } from '../simulator/device/framed-device.ts'
import { MODELS, settingsOf } from '../simulator/device/settings.ts'
import { Faults } from '../simulator/faults.ts'
import { Signal } from '../simulator/signal.ts'
import { gsvSource } from './gsv-source.ts'

const RATE = 1000
const channels = [
  { unit: 'kN', scale: 2000, noise: 0 },
  { unit: 'mm', scale: 2000, noise: 0 }
]
const values = (scan: number): number[] => [scan % 1000, (7 * scan) % 500]

/** The simulator's device without its measuring: the suite sends the frames. */
function device(dataType: 'float32' | 'int16'): DriverDevice {
  const settings = settingsOf(MODELS['gsv-8'], channels, RATE, dataType)
  const signal = new Signal(channels, RATE, 1)
  const faults = new Faults(channels.map(({ scale }) => scale))
  const one = new FramedDevice({ model: MODELS['gsv-8'], settings, channels, signal, faults, minutes: () => 1000 })
  settings.objects = channels.length
  return {
    get transmits() {
      return one.transmitting
    },
    take: (bytes) => Uint8Array.from(one.take(bytes).flatMap((response) => [...response]))
  }
}

/** A reading needs what asks, and the stop and the start of the transmission. */
function mayWrite(bytes: Uint8Array): boolean {
  let code = 0
  const parser = new RequestParser({
    request: (command) => {
      code = command
    },
    refused: () => {},
    skipped: () => {}
  })
  parser.push(bytes)
  const command = commandByCode(code, 'gsv-8')
  return command?.direction === 'read' || ['StartTransmission', 'StopTransmission'].includes(command?.name ?? '')
}

function subject(counterChannel?: number): DriverSubject {
  const layout = { objects: 2, dataType: 'float32', crc: true } as const
  const of = (scan: number): number[] => (counterChannel === undefined ? values(scan) : [scan, (7 * scan) % 500])
  return {
    open: (link) =>
      gsvSource({
        link: link as () => ByteLink,
        channels: { 1: 'force', 2: 'travel' },
        crc: true,
        timeout: '200ms',
        buffer: '64KiB',
        block: { scans: 64 },
        ...(counterChannel === undefined ? {} : { counterChannel })
      }),
    rate: RATE,
    channels: { force: 'kN', travel: 'mm' },
    values: of,
    frame: (scan) => encodeMeasured(of(scan), layout),
    device: () => device('float32'),
    mayWrite,
    damage: (frame) => frame.map((byte, i) => (i === 5 ? byte ^ 0x10 : byte)),
    // a block of 64 scans of two channels takes 1424 bytes
    bufferScans: 3000
  }
}

driverSuite('gsvSource', subject(), { describe, it })
driverSuite(
  'gsvSource with a counter channel',
  { ...subject(1), skip: { V4: 'where nothing is missing by the numbers, nothing is declared' } },
  { describe, it }
)
