import { expect, it } from 'vitest'
import { samples } from './samples.ts'

it('copies columns one behind the other', () => {
  const a = Float64Array.of(1, 2)
  const made = samples({ a, b: [3, undefined] }, { seconds: [0, 5] })
  a[0] = 9
  expect(made).toEqual({
    channels: ['a', 'b'],
    length: 2,
    values: Float64Array.of(1, 2, 3, Number.NaN),
    seconds: Float64Array.of(0, 5)
  })
})

it.each([
  [{}, {}, RangeError, 'samples: columns must hold at least one column, got {}'],
  [{ a: [1], b: [1, 2] }, {}, RangeError, "samples: columns must have equal lengths, got 1 in 'a' and 2 in 'b'"],
  [{ a: 5 }, {}, TypeError, "samples: column 'a' must be a list of numbers, got 5"],
  [{ a: [1, '2'] }, {}, TypeError, `samples: column 'a' must hold numbers, got "2" in row 1`],
  [{ a: [1] }, { seconds: 0 }, RangeError, 'samples: seconds must be a period above 0, got 0'],
  [{ a: [1] }, { seconds: [1, 2] }, RangeError, 'samples: seconds must hold one value a scan (1), got 2']
])('refuses %j with %j', (columns, options, kind, message) => {
  const make = () => samples(columns as never, options)
  expect(make).toThrow(kind)
  expect(make).toThrow(message)
})
