import { describe, expect, it } from 'vitest'
import { partOf, rawOf, type Scaling, scalings, userScaleOf } from './scaling.ts'

// Raw values of parts of the nominal range, from manual and specification (GSV-6 and -8) and from the older manuals and scripts.
const TABLE: readonly (readonly [keyof typeof scalings, part: number, raw: number])[] = [
  ['int16 offset', -1.05, 0x0000],
  ['int16 offset', -1, 0x0618],
  ['int16 offset', 0, 0x8000],
  ['int16 offset', 1, 0xf9e7],
  ['int16 offset', 1.05, 0xffff],
  ['int24 offset', -1.05, 0x000000],
  ['int24 offset', -1, 0x061862],
  ['int24 offset', 0, 0x800000],
  ['int24 offset', 1, 0xf9e79e],
  ['int24 offset', 0.5, 0x800000 + 0x3cf3cf],
  ['int24 offset', 1.05, 0xffffff],
  ['int16 signed', -1.05, 0x8000],
  ['int16 signed', -1, 0x8618],
  ['int16 signed', 0, 0x0000],
  ['int16 signed', 1, 0x79e7],
  ['int16 signed', 1.05, 0x7fff],
  ['int24 signed', 0.5, 0x3cf3cf],
  ['int24 signed', -1.05, 0x800000],
  ['gsv-2 bipolar 24', 0, 0x800000],
  ['gsv-2 bipolar 24', 0.525, 0xc00000],
  ['gsv-2 bipolar 24', -1.05, 0x000000],
  ['gsv-2 unipolar 24', 0, 0x000000],
  ['gsv-2 unipolar 24', 0.525, 0x800000],
  ['gsv-2 bipolar 16', 0.525, 0xc000],
  ['gsv-2 unipolar 16', 0.525, 0x8000],
  ['gsv-3', 0, 0x8000],
  ['gsv-3', 0.525, 0xc000],
  ['gsv-4', 0, 0x8000],
  ['gsv-4', 0.5, 0xc000],
  ['gsv-4', -0.5, 0x4000],
  ['gsv-4', -1, 0x0000],
  ['gsv-4', 1, 0xffff]
]

describe('scalings', () => {
  for (const [kind, part, raw] of TABLE) {
    const scaling: Scaling = scalings[kind]
    const step = scaling.overload / scaling.steps
    it(`${kind}: ${part} is 0x${raw.toString(16)}`, () => {
      // the manual cuts fractions of a step off or rounds them, not always the same way
      expect(Math.abs(partOf(raw, scaling) - part)).toBeLessThan(1.0001 * step)
      expect(Math.abs(rawOf(part, scaling) - raw)).toBeLessThanOrEqual(1)
    })
  }
  for (const [kind, scaling] of Object.entries<Scaling>(scalings)) {
    it(`${kind}: every raw value survives both ways, and what is beyond saturates`, () => {
      const size = 2 ** scaling.bits
      for (let raw = 0; raw < size; raw += scaling.bits === 16 ? 1 : 251) {
        if (rawOf(partOf(raw, scaling), scaling) !== raw) throw new Error(`${raw} became another`)
      }
      const [lowest, highest] = scaling.signed ? [size / 2, size / 2 - 1] : [0, size - 1]
      expect([rawOf(-9, scaling), rawOf(9, scaling)]).toEqual([lowest, highest])
    })
  }
})

describe('userScaleOf', () => {
  it('is that of the manual', () =>
    expect(userScaleOf({ fullScale: 10, sensitivity: 0.594013, range: 3.5 })).toBeCloseTo(58.9213, 4))
  it('refuses a sensitivity of 0', () =>
    expect(() => userScaleOf({ fullScale: 10, sensitivity: 0, range: 2 })).toThrow(
      'sensitivity not 0, got 10, 0 and 2'
    ))
})
