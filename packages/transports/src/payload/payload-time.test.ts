import { describe, expect, it } from 'vitest'
import { setTime } from './payload-time.ts'

describe('the time of a scan', () => {
  const into = () => ({ ms: new Float64Array(1), ns: new Float64Array(1) }) as never

  it('ends where ns do not fit into 64 bits', () => {
    expect(setTime(into(), 0, 9_223_372_036_854, 'ms')).toBeUndefined()
    expect(setTime(into(), 0, 9_223_372_036_855, 'ms')).toBe('the time 9223372036855 ms is out of range')
    expect(setTime(into(), 0, '2300-01-01T00:00:00Z', 'iso')).toBe('the time 2300-01-01T00:00:00Z iso is out of range')
  })
})
