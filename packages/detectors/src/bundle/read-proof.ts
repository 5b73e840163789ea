import { ModelError } from '@messwerk/core/model'
import { JsonFields } from '../scalers/json-fields.ts'

const MOST_ROWS = 20_000

/** Rows with the scores that they had where the model was made. @internal */
export interface ProofRows {
  readonly length: number
  /** `values[c * length + i]`, NaN = none. */
  readonly values: Float64Array
  /** NaN = none. */
  readonly scores: Float64Array
  readonly tolerance: number
  readonly seconds: number
}

/**
 * @param where - in front of messages
 * @throws ModelError with reason `schema`
 * @internal
 */
export function readProof(json: unknown, channels: number, where: string): ProofRows {
  const fields = new JsonFields(where, json, 'a proof')
  const rows = fields.list('rows', MOST_ROWS)
  const { length } = rows
  const scores =
    numbersOf(fields.raw('scores'), length) ?? fields.refuse('scores', `a list of ${length} numbers or null`)
  const tolerance = fields.number('tolerance')
  if (!(tolerance >= 0 && tolerance <= 0.1)) fields.refuse('tolerance', 'a number of 0..0.1')
  const seconds = fields.has('seconds') ? fields.number('seconds') : 1
  if (!(seconds > 0)) fields.refuse('seconds', 'a number above 0')
  const values = new Float64Array(length * channels)
  rows.forEach((row, i) => {
    const numbers = numbersOf(row, channels)
    if (numbers === undefined)
      throw new ModelError(
        'schema',
        `${where}rows[${i}] must be a list of ${channels} numbers or null, one for each channel`
      )
    for (let c = 0; c < channels; c += 1) values[c * length + i] = numbers[c]!
  })
  if (scores.every(Number.isNaN)) fields.refuse('scores', 'a list with a score in it')
  return { length, values, scores, tolerance, seconds }
}

function numbersOf(list: unknown, length: number): Float64Array | undefined {
  if (!Array.isArray(list) || list.length !== length) return undefined
  if (!list.every((one) => one === null || Number.isFinite(one))) return undefined
  return Float64Array.from(list as (number | null)[], (one) => one ?? Number.NaN)
}
