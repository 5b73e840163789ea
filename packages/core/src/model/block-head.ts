import type { Origin } from './block.ts'
import type { Gap, GapCause } from './gap.ts'
import { isPositive, readFields, readOneOf, readString, readWhere, wrongField } from './json-reader.ts'
import { originOf } from './origin.ts'
import type { Clock } from './time-axis.ts'

// What the JSON and the binary form of a block have in common beside the stream: all that is not a column.

const CLOCKS: Readonly<Record<Clock, true>> = { device: true, source: true, server: true, broker: true, arrival: true }
const CAUSES: Readonly<Record<GapCause, true>> = {
  lost: true,
  sequence: true,
  resync: true,
  overflow: true,
  shed: true,
  late: true,
  reconnect: true,
  recording: true,
  rejected: true
}

/** What an axis has beside period or offsets. @internal */
export function readAxisStart(start: unknown, path: string): bigint {
  const ns = typeof start === 'string' && /^-?\d{1,19}$/.test(start) ? BigInt(start) : undefined
  if (ns !== undefined && BigInt.asIntN(64, ns) === ns) return ns
  throw wrongField(path, 'whole ns since the Unix epoch as a decimal string within 64 bits', start)
}

/** @internal */
export function readClock(clock: unknown, path: string): Clock {
  return readOneOf(clock, path, CLOCKS)
}

/** @internal */
export function readUncertainty(uncertainty: unknown, path: string): number {
  return readWhere(uncertainty, path, '± ns, at least 0', (ns) => ns >= 0)
}

/** @internal */
export function readPeriod(period: unknown, path: string): number {
  return readWhere(period, path, 'a positive number of ns', isPositive)
}

/** @internal */
export function readPhase(phase: unknown, path: string): number | undefined {
  return phase === undefined ? undefined : readWhere(phase, path, 'a part of a ns in [0, 1)', (ns) => ns >= 0 && ns < 1)
}

/** @internal */
export function readGap(json: unknown, path: string): Gap | undefined {
  if (json === undefined) return undefined
  const { scans, cause } = readFields(json, path, ['scans', 'cause'])
  const rule = "a whole number of scans or 'unknown'"
  if (scans !== 'unknown' && !(Number.isSafeInteger(scans) && (scans as number) >= 0)) {
    throw wrongField(`${path}.scans`, rule, scans)
  }
  return { scans: scans as number | 'unknown', cause: readOneOf(cause, `${path}.cause`, CAUSES) }
}

/** @internal */
export function readOrigin(
  split: unknown,
  position: unknown,
  path: string,
  positions: Float64Array | undefined,
  historical: unknown
): Origin {
  if (historical !== undefined && typeof historical !== 'boolean') {
    throw wrongField(`${path}.historical`, 'true or false', historical)
  }
  const name = readString(split, `${path}.split`)
  const last = readWhere(position, `${path}.position`, 'a safe integer', Number.isSafeInteger)
  return originOf(name, last, positions, historical)
}

/** @internal */
export function readLength(length: unknown, path: string): number {
  return readWhere(length, path, 'a whole number of scans, at least 1', (n) => Number.isSafeInteger(n) && n >= 1)
}
