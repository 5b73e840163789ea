import fc from 'fast-check'
import { expect, it } from 'vitest'
import { faultCounts, faultsOfGsv6, faultyChannels, valueErrorBytes, valueErrorOf } from './index.ts'

const flagged = (type: number, flags: number) => valueErrorOf(valueErrorBytes({ type, minutes: 0, flags })).faults

it('A22: saturation of channel 1, both ways, after 1000 minutes', () => {
  expect(valueErrorOf(Uint8Array.of(0x20, 0, 3, 0xe8, 1, 1))).toEqual({
    type: 1,
    minutes: 1000,
    flags: 0x0101,
    faults: [
      { cause: 'saturated-high', channel: 1 },
      { cause: 'saturated-low', channel: 1 }
    ]
  })
})

it('entries come back from their bytes', () => {
  fc.assert(
    fc.property(fc.nat(7), fc.nat(2 ** 29 - 1), fc.nat(65_535), (type, minutes, flags) => {
      expect(valueErrorOf(valueErrorBytes({ type, minutes, flags }))).toMatchObject({ type, minutes, flags })
    })
  )
})

it('maximum exceeded: axes have one bit, a PT1000 has two', () => {
  expect(flagged(2, 0x21)).toEqual([
    { cause: 'axis-exceeded', axis: 1 },
    { cause: 'axis-exceeded', axis: 6 }
  ])
  expect(flagged(2, 0x8080)).toEqual([{ cause: 'out-of-range', channel: 8 }])
  expect(flagged(2, 0x0101)).toEqual([{ cause: 'out-of-range', channel: 1 }])
})

it('wires, outputs and lines', () => {
  expect(flagged(3, 0x8001)).toEqual([
    { cause: 'wire-plus', channel: 1 },
    { cause: 'wire-minus', channel: 8 }
  ])
  expect(flagged(4, 0xffff)).toEqual([{ cause: 'output-fault' }])
  expect(flagged(4, 0x0201)).toEqual([
    { cause: 'output-open', channel: 1 },
    { cause: 'output-overheated', channel: 2 }
  ])
  expect(flagged(5, 0x8000)).toEqual([{ cause: 'line-shorted', line: 16 }])
  expect(flagged(0, 0xffff)).toEqual([])
})

it('counts, and what a GSV-6 says', () => {
  expect(faultCounts(Uint8Array.of(2, 17, 0, 0, 0, 0))).toEqual({ sincePowerOn: 2, stored: 17 })
  expect(faultsOfGsv6(Uint8Array.of(0x20, 0x01, 0, 0, 0, 0))).toEqual([
    { cause: 'axis-exceeded', axis: 6 },
    { cause: 'saturated', channel: 1 }
  ])
})

it('of outputs and lines leave the values right; inputs of a six-axis sensor are in all axes', () => {
  expect(faultyChannels([...flagged(4, 0x0201), ...flagged(5, 1)], false)).toEqual([])
  expect(faultyChannels([...flagged(1, 0x0280), ...flagged(3, 0b11)], false)).toEqual([1, 2, 8])
  expect(faultyChannels(flagged(1, 0x0080), true)).toEqual([8])
  expect(faultyChannels(flagged(1, 0x0002), true)).toEqual([1, 2, 3, 4, 5, 6])
})
