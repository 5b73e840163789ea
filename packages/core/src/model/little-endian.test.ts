import { expect, it } from 'vitest'
import { isLittleEndian, swapToLittleEndian } from './little-endian.ts'

it('leaves bytes alone where numbers are kept little-endian', () => {
  expect(isLittleEndian).toBe(true)
  expect(swapToLittleEndian(Uint8Array.of(1, 2, 3, 4), 2)).toEqual(Uint8Array.of(1, 2, 3, 4))
})

it('reverses each number elsewhere', () => {
  expect(swapToLittleEndian(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 4, false)).toEqual(
    Uint8Array.of(4, 3, 2, 1, 8, 7, 6, 5)
  )
  expect(swapToLittleEndian(Uint8Array.of(1, 2), 1, false)).toEqual(Uint8Array.of(1, 2))
})
