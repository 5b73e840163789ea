import { type Limits, limits, ModelError } from '@messwerk/core/model'
import { JsonFields } from '../scalers/json-fields.ts'
import { readScalerJson } from '../scalers/scaler-from-json.ts'
import type { Manifest, ManifestChannel, ManifestFile, ManifestTraining, ScoreKind } from './manifest.ts'

const SCHEMA = 1
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const SHA_256 = /^[0-9a-f]{64}$/
const SCORES = ['native', 'sklearn-score-samples', 'sklearn-decision', 'reconstruction'] as const
const [LONGEST_WINDOW, MOST_FILES, MOST_METRICS] = [1_000_000, 1000, 1000]

/**
 * Checks a manifest; what it returns holds the known fields only.
 *
 * @param where - in front of messages: `loadModel: pump.mwz: manifest.json: `
 * @throws ModelError with reason `schema` that names field, rule and value
 * @internal
 */
export function readManifest(json: unknown, where: string): Manifest {
  const fields = new JsonFields(where, json, 'a manifest')
  checkSchema(fields, where)
  const kind = fields.oneOf('kind', ['native', 'onnx'])
  const channels = fields.list('channels').map((channel, c) => channelOf(channel, `${where}channels[${c}]: `))
  const names = channels.map(({ name }) => name)
  if (new Set(names).size !== names.length) fields.refuse('channels', 'a list of distinct channels')
  const created = fields.text('created', 100)
  if (!ISO.test(created)) fields.refuse('created', "a time such as '2026-01-31T12:00:00Z'")
  const optional = Object.assign(
    {},
    fields.has('window') && { window: windowOf(fields.raw('window'), `${where}window: `) },
    fields.has('input') && { input: inputOf(fields, channels.length) },
    fields.has('scaler') && { scaler: scalerOf(fields, names, where) },
    fields.has('threshold') && { threshold: thresholdOf(fields.raw('threshold'), where) },
    fields.has('score') && { score: scoreOf(fields, where) },
    fields.has('training') && { training: trainingOf(fields.raw('training'), `${where}training: `) },
    fields.has('metrics') && { metrics: metricsOf(fields.raw('metrics'), `${where}metrics: `) },
    fields.has('licence') && { licence: fields.text('licence') }
  )
  const files = filesOf(fields.raw('files'), `${where}files: `)
  const proof = fields.text('proof')
  if (!Object.hasOwn(files, proof)) fields.refuse('proof', 'the name of one of files')
  const [name, version] = [fields.name('name'), fields.whole('version', 1)]
  return Object.assign({ schema: 1 as const, kind, name, version, created, channels }, optional, { files, proof })
}

function checkSchema(fields: JsonFields, where: string): void {
  const schema = fields.whole('schema', 1)
  if (schema > SCHEMA)
    throw new ModelError('schema', `${where}schema ${schema} is newer than ${SCHEMA}: update @messwerk/detectors`)
}

function channelOf(json: unknown, where: string): ManifestChannel {
  const fields = new JsonFields(where, json)
  return { name: fields.name('name'), unit: fields.text('unit', 100) }
}

function windowOf(json: unknown, where: string): NonNullable<Manifest['window']> {
  const fields = new JsonFields(where, json)
  return { scans: fields.whole('scans', 1, LONGEST_WINDOW), layout: fields.oneOf('layout', ['NTC', 'NCT']) }
}

function inputOf(fields: JsonFields, channels: number): readonly string[] {
  const names = fields.names('input')
  if (names.length === 1 || names.length === channels) return names.slice()
  return fields.refuse('input', `one name, or ${channels}, one for each channel`)
}

function scalerOf(fields: JsonFields, names: readonly string[], where: string): NonNullable<Manifest['scaler']> {
  const scaler = readScalerJson(fields.raw('scaler'), `${where}scaler: `)
  if (scaler.channels.length === names.length && scaler.channels.every((name, c) => name === names[c]))
    return scaler.toJSON()
  throw new ModelError(
    'schema',
    `${where}scaler: channels must be the channels of the model, in their order: ${names.join(', ')}`
  )
}

function thresholdOf(json: unknown, where: string): Limits {
  const fields = new JsonFields(`${where}threshold: `, json)
  const known = ['raise', 'clear', 'warn', 'delay', 'clearDelay', 'kOfN', 'refractory']
  const threshold = Object.fromEntries(known.filter((key) => fields.has(key)).map((key) => [key, fields.raw(key)]))
  try {
    limits(threshold as unknown as Limits)
  } catch (error) {
    throw new ModelError('schema', `${where}threshold: ${(error as Error).message}`, { cause: error })
  }
  return threshold as unknown as Limits
}

function scoreOf(fields: JsonFields, where: string): ScoreKind {
  const score = fields.raw('score')
  if (typeof score === 'string') return fields.oneOf('score', SCORES)
  const named = new JsonFields(`${where}score: `, score)
  const read = { output: named.name('output'), higherIs: named.oneOf('higherIs', ['anomalous', 'normal']) }
  return Object.assign(read, named.has('offset') && { offset: named.number('offset') })
}

function trainingOf(json: unknown, where: string): ManifestTraining {
  const fields = new JsonFields(where, json)
  return Object.assign(
    {},
    fields.has('rows') && { rows: fields.whole('rows', 0) },
    fields.has('from') && { from: fields.text('from') },
    fields.has('to') && { to: fields.text('to') },
    fields.has('note') && { note: fields.text('note') }
  )
}

function metricsOf(json: unknown, where: string): Readonly<Record<string, number>> {
  const fields = new JsonFields(where, json)
  const keys = fields.keys()
  if (keys.length > MOST_METRICS)
    throw new ModelError('schema', `${where}there must be at most ${MOST_METRICS}, got ${keys.length}`)
  return Object.fromEntries(keys.map((key) => [key, fields.number(key)]))
}

function filesOf(json: unknown, where: string): Readonly<Record<string, ManifestFile>> {
  const fields = new JsonFields(where, json)
  const names = fields.keys()
  if (names.length > MOST_FILES)
    throw new ModelError('schema', `${where}there must be at most ${MOST_FILES}, got ${names.length}`)
  return Object.fromEntries(
    names.map((name) => {
      if (!FILE.test(name) || name === 'manifest.json') fields.refuse(name.slice(0, 60), 'a plain name of another file')
      const file = new JsonFields(`${where}${name}: `, fields.raw(name))
      const digest = file.text('sha256')
      if (!SHA_256.test(digest)) file.refuse('sha256', '64 hexadecimal digits, small letters')
      return [name, { bytes: file.whole('bytes', 0), sha256: digest }]
    })
  )
}
