import type { Model } from '@messwerk/detectors/models'

/** What a model scores here, beside what Python wrote down for the same rows. */
export interface Comparison {
  readonly rows: number
  /** Largest difference of a score, relative to it where it is above 1. */
  readonly largest: number
  readonly scores: Float64Array
}

/** Runs in Node and in a browser. `rows` and `scores` are texts of CSV with a heading. */
export async function compare(model: Model, rows: string, scores: string): Promise<Comparison> {
  const table = columnsOf(rows)
  const channels = model.manifest!.channels.map(({ name, unit }) => ({ name, unit }))
  const length = table.get(channels[0]!.name)!.length
  const values = new Float64Array(channels.length * length)
  for (const [c, { name }] of channels.entries()) values.set(table.get(name)!, c * length)
  const samples = { channels: channels.map(({ name }) => name), length, values, seconds: 0.1 }
  const here = await model.create(channels).score(samples)
  return { rows: length, largest: largestOf(here, columnsOf(scores).get(model.manifest!.name)!), scores: here }
}

function largestOf(here: Float64Array, python: readonly number[]): number {
  if (here.length !== python.length) throw new RangeError(`${here.length} scores here, ${python.length} in the file`)
  const apart = here.map((score, i) => Math.abs(score - python[i]!) / Math.max(1, Math.abs(python[i]!)))
  return apart.reduce((largest, each) => Math.max(largest, each), 0)
}

function columnsOf(csv: string): ReadonlyMap<string, readonly number[]> {
  const [heading, ...lines] = csv.trim().split('\n')
  const cells = lines.map((line) => line.split(',').map(Number))
  return new Map(heading!.split(',').map((name, column) => [name.trim(), cells.map((row) => row[column]!)]))
}
