import { describe, expect, it } from 'vitest'
import { GsvError, isSuccess, statusCodes, statusOf } from './index.ts'

describe('status codes', () => {
  it('0x00 and 0x01 are successes, all others errors with name and hint, known or not', () => {
    for (let code = 0; code < 256; code += 1) {
      expect(isSuccess(code)).toBe(code < 2)
      const error = new GsvError('SetTXMode', code)
      expect(error.status).toBe(code)
      expect(error.statusName).toMatch(statusCodes.includes(code) ? /^[A-Z_]+$/ : /^unknown$/)
      expect(error.message).toContain(`0x${code.toString(16).padStart(2, '0')} (${error.statusName})`)
      expect(error.hint).not.toBe('')
    }
    const listed = statusCodes.map((code) => code.toString(16)).join(' ')
    expect(listed).toBe(
      '0 1 40 41 42 43 50 51 52 53 54 55 56 57 58 59 5a 5b 5c 5d 60 61 62 63 64 6e 6f 70 71 72 74 75 76 ' +
        '80 81 82 83 84 85 86 87 91 92 99 b0 b1 b2 b3 b4 b5 b6 b7 b8 c0'
    )
  })

  it('are of the tree of errors', () => {
    const cause = new Error('why')
    const error = new GsvError('SetTXMode', 0x71, { cause })
    expect(error).toMatchObject({
      name: 'GsvError',
      code: 'DEVICE_REFUSED',
      retryable: false,
      cause,
      command: 'SetTXMode'
    })
    expect(error.message).toBe(
      'The device refused SetTXMode with 0x71 (ERR_ACC_BLK): write functions blocked; set the user id first, or lift the write protection'
    )
    expect(statusOf(0x92).retryable).toBe(true)
    expect(statusOf(0xb8).name).toBe('GETTEDS_ERR_VERIFY')
  })
})
