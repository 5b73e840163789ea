import { describe, expect, it } from 'vitest'
import { encodeLegacyRequest, encodeRequestFrame, frameBytes } from '../../codec/index.ts'
import { gsvCommands } from '../../commands/index.ts'
import { Faults } from '../faults.ts'
import { LEGACY_INPUTS, LegacyDevice } from '../legacy/legacy-device.ts'
import { Signal } from '../signal.ts'
import { FramedDevice } from './framed-device.ts'
import { MODELS, settingsOf } from './settings.ts'

/** Random bytes, half of them small: indices and channels that exist. */
function randomBytes(seed: number) {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
  const byte = (): number => (next() & 1 ? next() % 9 : next() % 256)
  return { next, bytes: (length: number): number[] => Array.from({ length }, byte) }
}

describe('no request', () => {
  it.each(['gsv-8', 'gsv-6'] as const)('throws, is answered twice or leaves a %s without frames', (name) => {
    const model = MODELS[name]
    const channels = Array.from({ length: 6 }, () => ({ scale: 2, noise: 0.1 }))
    const settings = settingsOf(model, channels, 100, 'float32')
    const signal = new Signal(channels, 100, 1)
    const one = new FramedDevice({ model, firmware: '9.99', settings, channels, signal, faults: new Faults() })
    const { next, bytes } = randomBytes(7)
    for (let i = 0; i < 30_000; i += 1) {
      if (i % 50 === 0) one.powerUp()
      one.silence = 0
      one.idState = 0x10
      one.settings.locked = one.stored.locked = false
      one.owner = undefined
      const command = gsvCommands[next() % gsvCommands.length]
      const answers = one.take(encodeRequestFrame(command?.code ?? 0, bytes(next() % 12)))
      expect(answers.length).toBeLessThanOrEqual(1)
      if (i % 10 === 0) {
        const { bytes: frame, scans } = one.transmission.write(one.transmission.writer.scans)
        expect([frame.length, scans]).toEqual([frameBytes(one.layout), one.transmission.writer.scans])
      }
    }
  })

  it.each(['gsv-2', 'gsv-3', 'gsv-4'] as const)('throws or leaves a %s without frames', (model) => {
    const channels = Array.from({ length: LEGACY_INPUTS[model] }, () => ({ scale: 2, noise: 0.1 }))
    const signal = new Signal(channels, 100, 1)
    const one = new LegacyDevice({ model, channels, rate: 100, serial: 1, signal, faults: new Faults() })
    const { next, bytes } = randomBytes(9)
    for (let i = 0; i < 20_000; i += 1) {
      one.take(encodeLegacyRequest(next() % 256, bytes(next() % 5)))
      if (i % 10 === 0) expect(one.transmission.write(1).bytes.length).toBeGreaterThan(2)
      expect(one.rate).toBeGreaterThan(0)
    }
  })
})
