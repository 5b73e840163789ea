// The validator and the published JSON schema say the same, example by example.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModelError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { fits, type Schema } from './fixtures/fits.ts'
import { readManifest } from './read-manifest.ts'

const docs = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'models')
const schema = JSON.parse(readFileSync(join(docs, 'manifest.schema.json'), 'utf8')) as Schema

const file = { bytes: 3, sha256: 'a'.repeat(64) }
const least = {
  schema: 1,
  kind: 'onnx',
  name: 'pump',
  version: 1,
  created: '2026-01-31T12:00:00Z',
  channels: [{ name: 'a', unit: 'bar' }],
  files: { 'model.onnx': file, 'proof.json': file },
  proof: 'proof.json'
}
const scalers = {
  standard: { kind: 'standard', channels: ['a'], mean: [1], scale: [2] },
  robust: { kind: 'robust', channels: ['a'], center: [1], scale: [2] },
  range: { kind: 'min-max', channels: ['a'], min: [1], scale: [2], clip: [0, 1] },
  ranks: { kind: 'quantile', channels: ['a'], output: 'normal', references: [0, 0.5, 1], quantiles: [[1, 2, 2]] }
}

describe('a manifest', () => {
  it.each<[object]>([
    [{}],
    [{ kind: 'native', score: 'native' }],
    [
      {
        created: '2026-01-31T12:00:00.123+02:00',
        licence: 'CC0-1.0',
        training: { rows: 3, from: 'x', to: 'y', note: 'z' }
      }
    ],
    [{ window: { scans: 20, layout: 'NCT' }, input: ['x'], metrics: { f1: 0.5 }, channels: [{ name: 'a', unit: '' }] }],
    [{ score: { output: 'y', higherIs: 'normal' }, threshold: { raise: 3 } }],
    [{ score: { output: 'y', higherIs: 'anomalous', offset: 0.6 } }],
    [
      {
        score: 'sklearn-decision',
        threshold: { raise: 3, clear: 2, warn: 1, delay: '2s', clearDelay: '1min', refractory: '1h', kOfN: [2, 3] }
      }
    ],
    ...Object.values(scalers).map((scaler): [object] => [{ scaler }])
  ])('may have %j', (more) => {
    const manifest = { ...least, ...more }
    expect(readManifest(manifest, '')).toEqual(manifest)
    expect(fits(manifest, schema)).toBe(true)
  })

  it('may have fields that nobody knows; they are left out', () => {
    expect(readManifest({ ...least, later: 1, channels: [{ name: 'a', unit: 'bar', colour: 'red' }] }, '')).toEqual(
      least
    )
    expect(fits({ ...least, later: 1 }, schema)).toBe(true)
  })

  it.each<[object, string]>([
    [{ schema: 2 }, 'schema 2 is newer than 1'],
    [{ schema: '1' }, "schema must be a whole number from 1, got '1'"],
    [{ kind: 'torch' }, "kind must be 'native' or 'onnx', got 'torch'"],
    [{ name: '' }, 'name must be a text of 1..1000 characters'],
    [{ version: 0 }, 'version must be a whole number from 1, got 0'],
    [{ version: 1.5 }, 'version must be a whole number from 1, got 1.5'],
    [{ created: 'yesterday' }, "created must be a time such as '2026-01-31T12:00:00Z', got 'yesterday'"],
    [{ channels: [] }, 'channels must be a list of 1..10000 entries, got a list of 0'],
    [{ channels: ['a'] }, "channels[0]: it must be an object, got 'a'"],
    [{ channels: [{ name: 'a' }] }, 'channels[0]: unit must be a text, got nothing'],
    [{ window: { scans: 0, layout: 'NTC' } }, 'window: scans must be a whole number from 1 to 1000000, got 0'],
    [{ window: { scans: 1, layout: 'TNC' } }, "window: layout must be 'NTC' or 'NCT', got 'TNC'"],
    [{ input: ['a', 'a'] }, 'input must be a list of distinct names'],
    [{ scaler: { kind: 'standard' } }, 'scaler: channels must be a list of 1..10000 entries, got nothing'],
    [{ threshold: {} }, 'threshold: limits: raise must be a finite number, got undefined'],
    [{ threshold: { raise: 1, delay: 5 } }, 'threshold: limits: delay must be'],
    [{ score: 'best' }, "score must be 'native' or 'sklearn-score-samples' or 'sklearn-decision' or 'reconstruction'"],
    [{ score: { output: 'y' } }, "score: higherIs must be 'anomalous' or 'normal', got nothing"],
    [{ score: { output: 'y', higherIs: 'normal', offset: '1' } }, "score: offset must be a finite number, got '1'"],
    [{ training: { rows: -1 } }, 'training: rows must be a whole number from 0, got -1'],
    [{ metrics: { f1: 'high' } }, "metrics: f1 must be a finite number, got 'high'"],
    [{ licence: 3 }, 'licence must be a text, got 3'],
    [{ files: { ...least.files, '../a': file } }, '../a must be a plain name of another file'],
    [{ files: { ...least.files, 'manifest.json': file } }, 'manifest.json must be a plain name of another file'],
    [{ files: { 'proof.json': { bytes: 3, sha256: 'A' } } }, 'sha256 must be 64 hexadecimal digits, small letters'],
    [{ files: { 'proof.json': { bytes: -3, sha256: 'a'.repeat(64) } } }, 'bytes must be a whole number from 0, got -3'],
    [{ proof: undefined }, 'proof must be a text, got nothing']
  ])('must not have %j', (wrong, message) => {
    const manifest = JSON.parse(JSON.stringify({ ...least, ...wrong }))
    expect(() => readManifest(manifest, '')).toThrow(ModelError)
    expect(() => readManifest(manifest, '')).toThrow(message)
    expect(fits(manifest, schema)).toBe(false)
  })

  it.each<[object, string]>([
    [{ channels: [least.channels[0], least.channels[0]] }, 'channels must be a list of distinct channels'],
    [{ input: ['x', 'y'] }, 'input must be one name, or 1, one for each channel'],
    [{ proof: 'other.json' }, 'proof must be the name of one of files'],
    [
      { scaler: { ...scalers.standard, channels: ['b'] } },
      'scaler: channels must be the channels of the model, in their order: a'
    ],
    [{ threshold: { raise: 1, clear: 0, warn: 2 } }, 'threshold: limits: warn']
  ])('must not have %j, which no schema can say', (wrong, message) => {
    expect(() => readManifest({ ...least, ...wrong }, '')).toThrow(message)
  })
})
