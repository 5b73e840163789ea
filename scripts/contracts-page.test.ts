import { readFileSync } from 'node:fs'
import { rms } from '@messwerk/core'
import { blockOf } from '@messwerk/core/model'
import { fileSpool } from '@messwerk/core/node'
import {
  asyncDetectorChecks,
  checkpointChecks,
  detectorChecks,
  driverChecks,
  memoryCheckpoints,
  operatorChecks,
  recordingSink,
  sharedCheckpointChecks,
  sinkChecks,
  sourceChecks,
  spoolChecks
} from '@messwerk/core/testing'
import { robustZ } from '@messwerk/detectors'
import { expect, it } from 'vitest'
import { root } from './steps.ts'

const page = readFileSync(`${root}/docs/contracts.md`, 'utf8')
const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4] })
const window = { scans: 2 }
const calm = {
  kind: 'calm',
  async: true,
  create: () => ({ lookBack: 0, score: async () => new Float64Array() })
} as const
const pushed = { id: 's', replay: 'none', async *read() {} } as const

it.each([
  ['S', sourceChecks({ open: () => ({ id: 's', replay: 'none', async *read() {} }) })],
  ['K', sinkChecks({ store: async () => ({ open: async () => recordingSink(), read: async () => [] }) })],
  ['O', operatorChecks({ operator: () => rms({ window }), throwing: () => rms({ window }), blocks: [block] })],
  ['D', detectorChecks({ spec: robustZ() })],
  ['A', asyncDetectorChecks({ spec: calm })],
  ['V', driverChecks({ open: () => pushed, rate: 1, channels: {}, values: () => [], frame: () => new Uint8Array() })],
  ['C', checkpointChecks({ place: async () => ({ open: () => memoryCheckpoints() }) })],
  ['H', sharedCheckpointChecks({ place: async () => () => memoryCheckpoints({ shared: true }) })],
  ['L', spoolChecks({ place: async () => ({ open: () => fileSpool({ path: 'unused' }) }) })]
] as const)('rules %s of docs/contracts.md are those that the suite checks', (letter, checks) => {
  const inPage = [...page.matchAll(new RegExp(`^\\| (${letter}\\d+) \\|`, 'gm'))].map(([, rule]) => rule)
  expect(inPage).toEqual([...checks].map(({ name }) => name.split(' ')[0]))
})

const pipelineTests = ['checkpoint', 'gaps']
  .map((name) => readFileSync(`${root}/packages/core/src/pipeline/${name}.test.ts`, 'utf8'))
  .join('\n')

it('each of the ten rules of a checkpoint names its tests, and they exist', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| .* \| (`\d+: .*`) \|$/gm)]
  expect(rows.map(([, rule]) => Number(rule))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  for (const [, rule, tests] of rows) expect(tests).toMatch(new RegExp(`^\`${rule}: `))
})

it('every test that docs/contracts.md names exists, and every test of a checkpoint rule is named there', () => {
  const named = [...page.matchAll(/`(\d+: [^`]+|(?:a|no) (?:hole|window) [^`]+)`/g)].map(([, title]) => title as string)
  expect(named.length).toBeGreaterThan(12)
  expect(named.filter((title) => !pipelineTests.includes(`it('${title}'`))).toEqual([])
  const ofRules = [...pipelineTests.matchAll(/it\('(\d+: [^']+)'/g)].map(([, title]) => title as string)
  expect(ofRules.filter((title) => !named.includes(title))).toEqual([])
})
