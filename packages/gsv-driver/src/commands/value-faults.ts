/**
 * One fault of a measurement, and where it is.
 *
 * @example
 * ```ts
 * import type { ValueFault } from '@messwerk/gsv-driver/commands'
 *
 * const fault: ValueFault = { cause: 'saturated-high', channel: 1 }
 * fault.channel // => 1
 * ```
 */
export interface ValueFault {
  readonly cause: FaultCause
  /** Input or analog output, from 1. */
  readonly channel?: number
  /** Of a six-axis sensor: 1 force_x to 6 torque_z. */
  readonly axis?: number
  /** Digital line, from 1. */
  readonly line?: number
}

/**
 * What can be wrong with a measurement: `saturated` without a side on a GSV-6; `out-of-range` is a PT1000; `wire-plus`
 * and `wire-minus` are sensor wires; the others concern a six-axis sensor, analog outputs and digital lines.
 *
 * @example
 * ```ts
 * import type { FaultCause } from '@messwerk/gsv-driver/commands'
 *
 * const cause: FaultCause = 'axis-exceeded'
 * cause // => 'axis-exceeded'
 * ```
 */
export type FaultCause =
  | 'saturated'
  | 'saturated-high'
  | 'saturated-low'
  | 'axis-exceeded'
  | 'out-of-range'
  | 'wire-plus'
  | 'wire-minus'
  | 'output-fault'
  | 'output-open'
  | 'output-overheated'
  | 'line-shorted'

/**
 * An entry of the fault memory of a GSV-8 (GetLastValueError, index 1 and up).
 *
 * @example
 * ```ts
 * import { type ValueError, valueErrorOf } from '@messwerk/gsv-driver/commands'
 *
 * const error: ValueError = valueErrorOf(Uint8Array.of(0x20, 0, 3, 0xe8, 1, 1))
 * error.minutes // => 1000
 * ```
 */
export interface ValueError {
  /** 0 none, 1 saturation, 2 maximum exceeded, 3 sensor wire, 4 analog output, 5 digital line. */
  readonly type: number
  /** Minutes of operation when it happened. */
  readonly minutes: number
  /** 16 bits. */
  readonly flags: number
  readonly faults: readonly ValueFault[]
}

/**
 * How many faults a GSV-8 has seen: its answer to GetLastValueError with index 0.
 *
 * @example
 * ```ts
 * import { faultCounts } from '@messwerk/gsv-driver/commands'
 *
 * faultCounts(Uint8Array.of(2, 17, 0, 0, 0, 0)) // => { sincePowerOn: 2, stored: 17 }
 * ```
 */
export function faultCounts(fault: Uint8Array): { sincePowerOn: number; stored: number } {
  return { sincePowerOn: fault[0] ?? 0, stored: fault[1] ?? 0 }
}

/**
 * The meaning of an entry of the fault memory of a GSV-8: its answer to GetLastValueError with index 1 (the latest, not
 * yet stored) or 2 and up (stored).
 *
 * @param fault - six bytes
 *
 * @example
 * ```ts
 * import { valueErrorOf } from '@messwerk/gsv-driver/commands'
 *
 * valueErrorOf(Uint8Array.of(0x20, 0, 3, 0xe8, 1, 1)).faults // => [{ cause: 'saturated-high', channel: 1 }, { cause: 'saturated-low', channel: 1 }]
 * ```
 */
export function valueErrorOf(fault: Uint8Array): ValueError {
  const [first = 0, ...rest] = fault
  const [b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = rest
  const type = first >> 5
  const flags = b4 * 256 + b5
  const minutes = (first & 31) * 2 ** 24 + b1 * 65_536 + b2 * 256 + b3
  return { type, minutes, flags, faults: (READERS[type] ?? (() => []))(flags) }
}

/**
 * The six bytes of an entry of the fault memory, as a GSV-8 answers them.
 *
 * @param error - type 0 to 7, minutes 0 to 2^29 - 1, flags 0 to 65535
 *
 * @example
 * ```ts
 * import { valueErrorBytes } from '@messwerk/gsv-driver/commands'
 *
 * valueErrorBytes({ type: 1, minutes: 1000, flags: 0x0101 }) // => Uint8Array.of(0x20, 0, 3, 0xe8, 1, 1)
 * ```
 */
export function valueErrorBytes({ type, minutes, flags }: Omit<ValueError, 'faults'>): Uint8Array {
  return Uint8Array.of((type << 5) | (minutes >>> 24), minutes >>> 16, minutes >>> 8, minutes, flags >>> 8, flags)
}

/**
 * The faults that a GSV-6 has now: its answer to GetLastValueError with index 0.
 *
 * @example
 * ```ts
 * import { faultsOfGsv6 } from '@messwerk/gsv-driver/commands'
 *
 * faultsOfGsv6(Uint8Array.of(0b100, 0b10, 0, 0, 0, 0)) // => [{ cause: 'axis-exceeded', axis: 3 }, { cause: 'saturated', channel: 2 }]
 * ```
 */
export function faultsOfGsv6(fault: Uint8Array): ValueFault[] {
  const exceeded = bitsOf((fault[0] ?? 0) & 0x3f).map((bit): ValueFault => ({ cause: 'axis-exceeded', axis: bit + 1 }))
  return [...exceeded, ...bitsOf(fault[1] ?? 0).map((bit): ValueFault => ({ cause: 'saturated', channel: bit + 1 }))]
}

/**
 * The values of a frame that are wrong by these faults, by number from 1 in ascending order. Analog outputs and digital
 * lines leave the values right.
 *
 * @param multiAxis - whether a six-axis sensor is calculated: then the values 1 to 6 are its axes, and a fault of one of
 * its inputs is in all of them
 *
 * @example
 * ```ts
 * import { faultyChannels } from '@messwerk/gsv-driver/commands'
 *
 * faultyChannels([{ cause: 'saturated-low', channel: 4 }, { cause: 'line-shorted', line: 1 }], false) // => [4]
 * faultyChannels([{ cause: 'saturated-low', channel: 4 }], true) // => [1, 2, 3, 4, 5, 6]
 * faultyChannels([{ cause: 'axis-exceeded', axis: 3 }], true) // => [3]
 * ```
 */
export function faultyChannels(faults: readonly ValueFault[], multiAxis: boolean): number[] {
  const channels = new Set<number>()
  for (const { cause, channel, axis } of faults) {
    if (cause.startsWith('output') || cause === 'line-shorted') continue
    if (axis !== undefined) channels.add(axis)
    else if (channel !== undefined && multiAxis && channel <= AXES) for (let i = 1; i <= AXES; i += 1) channels.add(i)
    else if (channel !== undefined) channels.add(channel)
  }
  return [...channels].sort((a, b) => a - b)
}

const AXES = 6

const READERS: Readonly<Record<number, (flags: number) => ValueFault[]>> = {
  1: (flags) => lowAndHigh(flags, 'saturated-high', 'saturated-low'),
  2: (flags) => exceeded(flags),
  3: (flags) =>
    bitsOf(flags).map((bit) => ({ cause: bit % 2 === 0 ? 'wire-plus' : 'wire-minus', channel: (bit >> 1) + 1 })),
  4: (flags) =>
    flags === 0xffff ? [{ cause: 'output-fault' }] : lowAndHigh(flags, 'output-open', 'output-overheated'),
  5: (flags) => bitsOf(flags).map((bit) => ({ cause: 'line-shorted', line: bit + 1 }))
}

/** A PT1000 has a bit in both bytes, an axis in the lower one only. */
function exceeded(flags: number): ValueFault[] {
  const high = flags >> 8
  const inBoth = bitsOf(flags & high & 255).map((bit): ValueFault => ({ cause: 'out-of-range', channel: bit + 1 }))
  return [
    ...bitsOf(flags & ~high & 0x3f).map((bit): ValueFault => ({ cause: 'axis-exceeded', axis: bit + 1 })),
    ...inBoth
  ]
}

function lowAndHigh(flags: number, low: FaultCause, high: FaultCause): ValueFault[] {
  const lower = bitsOf(flags & 255).map((bit): ValueFault => ({ cause: low, channel: bit + 1 }))
  return [...lower, ...bitsOf(flags >> 8).map((bit): ValueFault => ({ cause: high, channel: bit + 1 }))]
}

function bitsOf(flags: number): number[] {
  return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (flags >> bit) & 1)
}
