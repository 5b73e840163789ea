import { type Channel, type Samples, ShapeMismatchError } from '@messwerk/core/model'
import type { SnapshotReader } from './snapshot-reader.ts'

/**
 * Least deviation that counts, in the unit of the signal: one for all channels, or by channel.
 *
 * @example
 * ```ts
 * import { type MinDeviation, robustZ } from '@messwerk/detectors'
 *
 * const steps: MinDeviation<'pressure' | 'current'> = { pressure: 0.01, current: 0.5 }
 * robustZ({ channels: ['pressure', 'current'], minDeviation: steps }).kind // => 'robust-z'
 * ```
 */
export type MinDeviation<K extends string> = number | Readonly<Partial<Record<K, number>>>

/**
 * Which columns of its samples a detector uses, and how small a deviation each may have.
 *
 * @internal
 */
export interface ChannelPlan {
  /** Names of all columns of the samples. */
  readonly names: readonly string[]
  /** Columns in use. */
  readonly used: Int32Array
  /** Per used column the resolution of its channel, 0 = not known. */
  readonly resolutions: Float64Array
  /** Per used column the least deviation. */
  readonly floors: Float64Array
}

/**
 * Checks the options about channels that do not need the channels.
 *
 * @internal
 */
export function checkChannelOptions(
  factory: string,
  channels: readonly string[] | undefined,
  minDeviation: MinDeviation<string> | undefined
): void {
  if (channels !== undefined) checkNames(factory, channels)
  if (minDeviation === undefined) return
  const isRecord = typeof minDeviation === 'object' && minDeviation !== null
  for (const [name, floor] of isRecord ? Object.entries(minDeviation) : [['', minDeviation] as const]) {
    const option = name === '' ? 'minDeviation' : `minDeviation of '${name}'`
    if (typeof floor !== 'number')
      throw new TypeError(`${factory}: ${option} must be a number in the unit of the signal, got ${String(floor)}`)
    if (!(floor >= 0 && floor < Number.POSITIVE_INFINITY))
      throw new RangeError(`${factory}: ${option} must be finite and at least 0, got ${floor}`)
    if (name !== '' && channels !== undefined && !channels.includes(name))
      throw new RangeError(
        `${factory}: minDeviation names '${name}', which is not among channels: ${channels.join(', ')}`
      )
  }
}

function checkNames(factory: string, channels: readonly string[]): void {
  if (!Array.isArray(channels))
    throw new TypeError(`${factory}: channels must be a list of names, got ${String(channels)}`)
  if (channels.length === 0) throw new RangeError(`${factory}: channels must name at least one channel, got []`)
  channels.forEach((name: unknown, i) => {
    if (typeof name !== 'string') throw new TypeError(`${factory}: channels must be names, got ${String(name)}`)
    if (channels.indexOf(name) !== i) throw new RangeError(`${factory}: channels must be distinct, got '${name}' twice`)
  })
}

/**
 * Chooses the columns: the named ones, or all of role measurement or feature.
 *
 * @throws RangeError when a named channel is missing or none is left
 *
 * @internal
 */
export function channelPlan(
  factory: string,
  available: readonly Channel[],
  channels: readonly string[] | undefined,
  minDeviation: MinDeviation<string> | undefined
): ChannelPlan {
  const names = available.map((channel) => channel.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`${factory}: channels must be distinct, got '${twice}' twice`)
  const position = (name: string): number => {
    const at = names.indexOf(name)
    if (at < 0) throw new RangeError(`${factory}: there is no channel '${name}'; there are: ${names.join(', ')}`)
    return at
  }
  const used = channels ? channels.map(position) : names.flatMap((_, i) => (isMeasured(available[i]!) ? [i] : []))
  if (used.length === 0)
    throw new RangeError(
      `${factory}: there is no measured channel among: ${names.join(', ')}; name the channels to use`
    )
  if (typeof minDeviation === 'object') Object.keys(minDeviation).forEach(position)
  const resolutions = Float64Array.from(used, (c) => available[c]!.resolution ?? 0)
  return { names, used: Int32Array.from(used), resolutions, floors: floorsOf(names, used, resolutions, minDeviation) }
}

/**
 * The plan that a snapshot was taken with; the least deviations are those of the options of today.
 *
 * @throws SnapshotIncompatibleError when the options name other channels
 *
 * @internal
 */
export function restoredPlan(
  reader: SnapshotReader,
  channels: readonly string[] | undefined,
  minDeviation: MinDeviation<string> | undefined
): ChannelPlan {
  const names = reader.names('channels')
  const usedNames = reader.names('used')
  if (channels !== undefined) reader.same('channels', usedNames.toSorted().join(', '), channels.toSorted().join(', '))
  const used = Int32Array.from(usedNames, (name) => names.indexOf(name))
  if (used.length === 0 || used.includes(-1)) reader.refuse('its used channels are not among its channels')
  const resolutions = reader.floats('resolutions', used.length)
  return { names, used, resolutions, floors: floorsOf(names, used, resolutions, minDeviation) }
}

/** Least deviation per used column: as asked for, else one step of the channel. @internal */
function floorsOf(
  names: readonly string[],
  used: ArrayLike<number>,
  resolutions: Float64Array,
  minDeviation: MinDeviation<string> | undefined
): Float64Array {
  return Float64Array.from(used, (c, u) => {
    const asked = typeof minDeviation === 'object' ? minDeviation[names[c]!] : minDeviation
    return asked ?? resolutions[u]!
  })
}

function isMeasured(channel: Channel): boolean {
  return channel.role === undefined || channel.role === 'measurement' || channel.role === 'feature'
}

/**
 * Refuses samples that are not those the detector was made for.
 *
 * @internal
 */
export function checkSamples(factory: string, names: readonly string[], samples: Samples): void {
  const { channels, length, values, seconds } = samples
  if (channels.length !== names.length) throw new ShapeMismatchError(factory, names.length, channels.length)
  for (let c = 0; c < names.length; c += 1) {
    if (channels[c] !== names[c])
      throw new RangeError(`${factory}: samples must have the channels ${names.join(', ')}, got ${channels.join(', ')}`)
  }
  if (values.length < length * names.length)
    throw new RangeError(
      `${factory}: samples of ${length} scans must hold ${length * names.length} values, got ${values.length}`
    )
  if (typeof seconds !== 'number' && seconds.length < length)
    throw new RangeError(`${factory}: samples of ${length} scans must hold ${length} seconds, got ${seconds.length}`)
}

/**
 * `out` when it is long enough, or a new array.
 *
 * @internal
 */
export function outFor(factory: string, length: number, out: Float64Array | undefined): Float64Array {
  if (out === undefined) return new Float64Array(length)
  if (out.length >= length) return out
  throw new RangeError(`${factory}: out must hold ${length} values, got ${out.length}`)
}

/** @internal */
export function checkScan(factory: string, { length }: Samples, scan: number): void {
  if (Number.isInteger(scan) && scan >= 0 && scan < length) return
  throw new RangeError(`${factory}: scan must be one of the ${length} of the samples, got ${scan}`)
}

/** From used columns to all columns; what lies between is left alone. @internal */
export function spread(ofUsed: Float64Array, used: Int32Array, to: Float64Array): Float64Array {
  for (let u = 0; u < used.length; u += 1) to[used[u]!] = ofUsed[u]!
  return to
}

/** What `restoredPlan` needs. @internal */
export function planState({ names, used, resolutions }: ChannelPlan): Record<string, unknown> {
  return { channels: names.slice(), used: Array.from(used, (c) => names[c]!), resolutions: resolutions.slice() }
}
