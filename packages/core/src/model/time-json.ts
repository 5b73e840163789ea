/* eslint-disable no-restricted-syntax -- JSON for people is not a hot path; absent stays absent */
import { readAxisStart, readClock, readPeriod, readPhase, readUncertainty } from './block-head.ts'
import { type JsonNumber, numberToJson, readColumn, readFields, wrongField } from './json-reader.ts'
import type { Clock, TimeAxis } from './time-axis.ts'

/**
 * A time axis as JSON: period and phase, or offsets.
 *
 * @example
 * ```ts
 * import type { TimeJson } from '@messwerk/core/model'
 *
 * const time: TimeJson = { start: '1700000000000000000', clock: 'device', uncertainty: 0, period: 1e6 }
 * time.period // => 1000000
 * ```
 */
export interface TimeJson {
  /** ns since the Unix epoch, decimal: JSON numbers do not hold them. */
  readonly start: string
  readonly clock: Clock
  /** ± ns. */
  readonly uncertainty: JsonNumber
  /** ns from one scan to the next. */
  readonly period?: number
  readonly phase?: JsonNumber
  /** ns from `start`, one for each scan. */
  readonly offsets?: readonly JsonNumber[]
}

/** @internal */
export function timeToJson(time: TimeAxis): TimeJson {
  const head = { start: String(time.start), clock: time.clock, uncertainty: numberToJson(time.uncertainty) }
  if (time.offsets) return { ...head, offsets: Array.from(time.offsets, numberToJson) }
  const { period, phase } = time
  return phase === undefined ? { ...head, period } : { ...head, period, phase: numberToJson(phase) }
}

/** @throws DecodeError @internal */
export function timeFromJson(json: unknown, length: number): TimeAxis {
  const path = 'block.time'
  const fields = readFields(json, path, ['start', 'clock', 'uncertainty', 'period', 'phase', 'offsets'])
  const start = readAxisStart(fields.start, `${path}.start`)
  const clock = readClock(fields.clock, `${path}.clock`)
  const uncertainty = readUncertainty(fields.uncertainty, `${path}.uncertainty`)
  if (fields.offsets === undefined) {
    const phase = readPhase(fields.phase, `${path}.phase`)
    const period = readPeriod(fields.period, `${path}.period`)
    return phase === undefined ? { start, clock, uncertainty, period } : { start, clock, uncertainty, period, phase }
  }
  const beside = fields.period ?? fields.phase
  if (beside !== undefined) throw wrongField(`${path}.period`, 'absent where there are offsets', beside)
  const offsets = readColumn(fields.offsets, `${path}.offsets`, length, 'a finite number of ns', Number.isFinite)
  return { start, clock, uncertainty, offsets }
}
