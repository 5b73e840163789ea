import { expect, it } from 'vitest'
import { missingLine } from './expected-output.ts'

const output = 'connected in 12 ms\nlearning (30 s)\n  alarm: pressure 4.2 bar\ndone\n'

it('accepts expected lines in order, whatever stands between them', () => {
  expect(missingLine('connected in … ms\nalarm: … 4.2 bar\n\ndone', output)).toBeUndefined()
})

it('takes everything but … literally', () => {
  expect(missingLine('learning (30 s)', output)).toBeUndefined()
  expect(missingLine('alarm: pressure 4.2 ba.', output)).toBe('alarm: pressure 4.2 ba.')
})

it('names a line that is missing or comes too early', () => {
  expect(missingLine('done\nlearning …', output)).toBe('learning …')
  expect(missingLine('done\ndone', output)).toBe('done')
})
