import { describe, expect, it } from 'vitest'
import { type Block, blockOf, defineStream, type Scaler } from '../model/index.ts'
import { joined, through } from './fixtures/through.ts'
import { scale } from './scale.ts'

const scalerOf = (...channels: string[]): Scaler => ({
  kind: 'plain',
  channels,
  transform: (values, length, out = new Float64Array(values.length)) => {
    for (let c = 0; c < channels.length; c += 1) {
      for (let i = 0; i < length; i += 1) out[c * length + i] = (values[c * length + i]! - c) / 2
    }
    return out
  }
})

const stream = defineStream({
  id: 's',
  channels: [
    { name: 'a', unit: 'bar', range: [0, 5] },
    { name: 'b', unit: 'A', role: 'feature' },
    { name: 'c', unit: 'V' }
  ],
  rate: 10
})
const plain = blockOf(
  { stream: 's', channels: { a: 'bar', b: 'A', c: 'V' }, rate: 10 },
  { a: [2, 4], b: [1, 3], c: [7, NaN] }
)
const block: Block = Object.assign({}, plain, { stream })

describe('scale({ by })', () => {
  it('scales the channels of a scaler in place, in its order', () => {
    const [first] = through(scale({ by: scalerOf('a', 'b') }), [block])
    expect(joined([first!])).toEqual({ a: [1, 2], b: [0, 1], c: [7, NaN] })
    expect(first!.stream.channels).toEqual([
      { name: 'a', unit: '1' },
      { name: 'b', unit: '1', role: 'feature' },
      { name: 'c', unit: 'V' }
    ])
    const [apart] = through(scale({ by: scalerOf('c', 'a') }), [block])
    expect(joined([apart!])).toEqual({ a: [0.5, 1.5], b: [1, 3], c: [3.5, NaN] })
    expect(joined([block]).a).toEqual([2, 4])
  })

  it('refuses what is no scaler, and streams without its channels', () => {
    expect(() => scale({ by: {} as Scaler })).toThrow('scale: by must be a fitted scaler')
    expect(() => through(scale({ by: scalerOf('x') }), [block])).toThrow("no channel 'x'")
  })
})
