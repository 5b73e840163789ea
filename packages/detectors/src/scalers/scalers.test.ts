import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModelError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import type { ScalerSpec } from './fitted-scaler.ts'
import { minMaxScaler } from './min-max-scaler.ts'
import { normalBelow, normalInverse } from './normal.ts'
import { quantileScaler } from './quantile-scaler.ts'
import { robustScaler } from './robust-scaler.ts'
import { scalerFromJson } from './scaler-from-json.ts'
import type { ScalerJson } from './scaler-json.ts'
import { standardScaler } from './standard-scaler.ts'

type Columns = readonly (readonly (number | null)[])[]
interface Reference {
  readonly train: Columns
  readonly test: Columns
  readonly cases: Readonly<Record<string, { readonly scaled: Columns; readonly inverse: Columns }>>
}

const path = join(import.meta.dirname, 'fixtures', 'reference.json')
const { train, test, cases } = JSON.parse(readFileSync(path, 'utf8')) as Reference
const named = (columns: Columns) => samples(Object.fromEntries(columns.map((column, c) => [`c${c}`, column])))

const specs: Readonly<Record<string, ScalerSpec>> = {
  'standardScaler()': standardScaler(),
  'robustScaler()': robustScaler(),
  'robustScaler of 5..90, unitVariance': robustScaler({ quantileRange: [5, 90], unitVariance: true }),
  'robustScaler of mad': robustScaler({ spread: 'mad' }),
  'robustScaler of mad, unitVariance': robustScaler({ spread: 'mad', unitVariance: true }),
  'minMaxScaler()': minMaxScaler(),
  'minMaxScaler of -1..1, clip': minMaxScaler({ range: [-1, 1], clip: true }),
  'quantileScaler()': quantileScaler(),
  'quantileScaler of 20': quantileScaler({ quantiles: 20 }),
  'quantileScaler, normal': quantileScaler({ output: 'normal' }),
  'quantileScaler of 20, normal': quantileScaler({ quantiles: 20, output: 'normal' })
}

function expectNear(got: Float64Array, wanted: Columns): void {
  const flat = wanted.flat()
  flat.forEach((value, i) => {
    const off =
      value === null ? (Number.isNaN(got[i]!) ? 0 : 1) : Math.abs(got[i]! - value) / Math.max(1, Math.abs(value))
    if (!(off <= 1e-12)) expect(`value ${i}: ${got[i]}`).toBe(`value ${i}: ${value}`)
  })
  expect(got.length).toBe(flat.length)
}

describe('scalers', () => {
  it('are all in the reference', () => expect(Object.keys(specs).sort()).toEqual(Object.keys(cases).sort()))

  describe.each(Object.entries(specs))('%s', (name, spec) => {
    const scaler = spec.fit(named(train))
    const given = named(test)

    it('gives the values of the reference, there and back', () => {
      const scaled = scaler.transform(given.values, given.length)
      expectNear(scaled, cases[name]!.scaled)
      const back = scaler.inverse(scaled, given.length)
      if (!name.includes('quantile')) expectNear(back, cases[name]!.inverse)
      else {
        const wanted = cases[name]!.inverse.flat()
        expect(Array.from(back.keys()).filter((i) => !nearInverse(back[i]!, wanted[i]!))).toEqual([])
      }
    })

    it('is the same after JSON, and in place', () => {
      const again = scalerFromJson(JSON.parse(JSON.stringify(scaler)) as ScalerJson)
      const values = given.values.slice()
      expect(again.transform(values, given.length, values)).toBe(values)
      expect(values).toEqual(scaler.transform(given.values, given.length))
      expect(again.inverse(values, given.length)).toEqual(scaler.inverse(values, given.length))
      expect(again.toJSON()).toEqual(scaler.toJSON())
      expect(again.channels).toEqual(given.channels)
    })

    it('keeps NaN and leaves its input alone', () => {
      const values = new Float64Array(5).fill(Number.NaN)
      expect(scaler.transform(values, 1)).toEqual(values)
      expect(scaler.inverse(values, 1)).toEqual(values)
    })

    it('refuses too few values and channels without any', () => {
      expect(() => scaler.transform(new Float64Array(4), 1)).toThrow(/must hold 5 values \(5 channels\), got 4 and 5/)
      expect(() => scaler.inverse(new Float64Array(5), 1, new Float64Array(1))).toThrow(RangeError)
      const factory = name.split(/[ (,]/)[0]
      expect(() => spec.fit(samples({ a: [null] }))).toThrow(
        `${factory}: channel 'a' must hold a finite value, got none`
      )
      expect(() => spec.fit({ channels: ['a'], length: 2, values: new Float64Array(1), seconds: 1 })).toThrow(
        RangeError
      )
    })
  })
})

/** A quantile turned back may land a rounding further in a step of the curve. */
function nearInverse(got: number, wanted: number | null): boolean {
  return wanted === null ? Number.isNaN(got) : Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
}

describe('options of scalers', () => {
  it.each<[() => unknown, string]>([
    [() => robustScaler({ spread: 'x' as 'mad' }), "robustScaler: spread must be 'iqr' or 'mad', got 'x'"],
    [() => robustScaler({ quantileRange: [75, 25] }), 'robustScaler: quantileRange must be two of 0..100, ascending'],
    [() => robustScaler({ quantileRange: [0, 50], unitVariance: true }), 'within 0..100 for unitVariance, got 0, 50'],
    [() => minMaxScaler({ range: [1, 1] }), 'minMaxScaler: range must be two finite numbers, ascending, got 1,1'],
    [() => quantileScaler({ quantiles: 1 }), 'quantileScaler: quantiles must be a whole number of 2..10000, got 1'],
    [() => quantileScaler({ output: 'x' as 'normal' }), "quantileScaler: output must be 'uniform' or 'normal', got 'x'"]
  ])('are checked', (make, message) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
  })
})

describe('scalerFromJson', () => {
  const standard = { kind: 'standard', channels: ['a', 'b'], mean: [1, 2], scale: [1, 2] }
  const ranks = { kind: 'quantile', channels: ['a'], output: 'uniform', references: [0, 1], quantiles: [[1, 2]] }
  const range = { kind: 'min-max', channels: ['a'], min: [0], scale: [1] }
  it.each<[unknown, string]>([
    [undefined, 'scalerFromJson: a scaler must be an object, got nothing'],
    [[], 'a scaler must be an object, got a list of 0'],
    [{}, "kind must be 'standard' or 'robust' or 'min-max' or 'quantile', got nothing"],
    [{ ...standard, kind: '__proto__' }, "got '__proto__'"],
    [{ ...standard, channels: ['a', 'a'] }, 'channels must be a list of distinct names, got a list of 2'],
    [{ ...standard, channels: 'ab' }, "channels must be a list of 1..10000 entries, got 'ab'"],
    [{ ...standard, mean: [1] }, 'mean must be a list of 2 finite numbers, got a list of 1'],
    [{ ...standard, mean: [1, null] }, 'mean must be a list of 2 finite numbers'],
    [{ ...standard, scale: [1, 0] }, 'scale must be without 0'],
    [{ ...standard, scale: [1, '2'] }, 'scale must be a list of 2 finite numbers'],
    [{ ...range, clip: [1, 0] }, 'clip must be two finite numbers, ascending'],
    [{ ...ranks, output: 'odd' }, "output must be 'uniform' or 'normal', got 'odd'"],
    [{ ...ranks, references: [0, 0.5] }, 'references must be a list of finite numbers, ascending from 0 to 1'],
    [{ ...ranks, quantiles: [[2, 1]] }, 'quantiles must be 1 lists of 2 finite numbers, ascending'],
    [
      {
        ...ranks,
        quantiles: [
          [1, 2],
          [1, 2]
        ]
      },
      'quantiles must be 1 lists of 2 finite numbers'
    ]
  ])('refuses %j', (json, message) => {
    const make = () => scalerFromJson(json as ScalerJson)
    expect(make).toThrow(ModelError)
    expect(make).toThrow(message)
  })
})

it('knows the normal distribution', () => {
  expect(normalInverse(0.975)).toBeCloseTo(1.959963984540054, 14)
  expect(normalInverse(1e-20)).toBeCloseTo(-9.26234008979841, 13)
  expect([normalInverse(0), normalInverse(1), normalInverse(0.5)]).toEqual([-Infinity, Infinity, 0])
  expect(normalInverse(2)).toBeNaN()
  for (const z of [-8, -3.1, -2.9, -0.4, 0, 1, 5]) expect(normalInverse(normalBelow(z))).toBeCloseTo(z, z > 4 ? 8 : 12)
  expect([normalBelow(-50), normalBelow(50)]).toEqual([0, 1])
})
