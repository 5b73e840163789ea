import { readFileSync } from 'node:fs'
import { rms } from '@messwerk/core'
import { blockOf } from '@messwerk/core/model'
import { detectorChecks, operatorChecks, recordingSink, sinkChecks, sourceChecks } from '@messwerk/core/testing'
import { robustZ } from '@messwerk/detectors'
import { expect, it } from 'vitest'
import { root } from './steps.ts'

const page = readFileSync(`${root}/docs/contracts.md`, 'utf8')
const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4] })
const window = { scans: 2 }

it.each([
  ['S', sourceChecks({ open: () => ({ id: 's', replay: 'none', async *read() {} }) })],
  ['K', sinkChecks({ store: async () => ({ open: async () => recordingSink(), read: async () => [] }) })],
  ['O', operatorChecks({ operator: () => rms({ window }), throwing: () => rms({ window }), blocks: [block] })],
  ['D', detectorChecks({ spec: robustZ() })]
] as const)('rules %s of docs/contracts.md are those that the suite checks', (letter, checks) => {
  const inPage = [...page.matchAll(new RegExp(`^\\| (${letter}\\d+) \\|`, 'gm'))].map(([, rule]) => rule)
  expect(inPage).toEqual([...checks].map(({ name }) => name.split(' ')[0]))
})
