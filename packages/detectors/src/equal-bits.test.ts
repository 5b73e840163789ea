// The same bits on every supported Node: `npm run test:nodes` runs this on the others. Made by fixtures/write-digests.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestsOf, driftDigestOf } from './fixtures/digests-of.ts'
import { everyDetector, everyDrift, otherWays } from './fixtures/every-detector.ts'
import * as all from './index.ts'

const { digests, drifts } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'digests.json'), 'utf8'))
const detectors = { ...everyDetector, ...otherWays }
/** Exports that are neither detectors nor tests for drift. */
const others = [
  'samples',
  'contaminationLimit',
  'speLimit',
  't2Limit',
  'quantile',
  'spot',
  'conformal',
  'falseAlarms',
  'adaptive'
]

describe('equal seed and data give the bits of the committed digests', () => {
  it('for every detector', () => {
    const known = [everyDetector, everyDrift].flatMap((table) => Object.keys(table))
    expect(known.concat(others).toSorted()).toEqual(Object.keys(all).toSorted())
    expect(Object.keys(detectors)).toEqual(Object.keys(digests))
  })

  it.each(Object.entries(detectors))('%s', (name, make) => {
    expect(digestsOf(make())).toEqual(digests[name])
  })

  it.each(Object.entries(everyDrift))('%s', (name, make) => {
    expect(driftDigestOf(make())).toBe(drifts[name])
  })
})
