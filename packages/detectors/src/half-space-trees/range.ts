import type { Box } from './half-spaces.ts'

/**
 * Least and greatest value, in the unit of the signal: one pair for all channels, or by channel.
 *
 * @example
 * ```ts
 * import { type ChannelRange, halfSpaceTrees } from '@messwerk/detectors'
 *
 * const range: ChannelRange<'level' | 'flow'> = { level: [0, 10], flow: [-1, 1] }
 * halfSpaceTrees({ channels: ['level', 'flow'], range }).kind // => 'half-space-trees'
 * ```
 */
export type ChannelRange<K extends string> = readonly [number, number] | Readonly<Record<K, readonly [number, number]>>

/** Checks the option `range`. @internal */
export function checkRange(factory: string, range: ChannelRange<string> | undefined): void {
  if (range === undefined) return
  if (typeof range !== 'object' || range === null)
    throw new TypeError(`${factory}: range must be a pair, or a pair by channel, got ${String(range)}`)
  for (const [name, pair] of isPair(range) ? [['', range] as const] : Object.entries(range)) {
    const option = name === '' ? 'range' : `range of '${name}'`
    if (!(Array.isArray(pair) && pair.length === 2 && pair.every((end) => typeof end === 'number')))
      throw new TypeError(`${factory}: ${option} must be a pair of numbers, got ${JSON.stringify(pair)}`)
    const [low, high] = pair as readonly [number, number]
    if (!(low < high && Number.isFinite(high - low)))
      throw new RangeError(`${factory}: ${option} must be finite and go upwards, got [${low}, ${high}]`)
  }
}

/** @throws RangeError when a channel has no range though others have @internal */
export function boxFrom(
  factory: string,
  range: ChannelRange<string> | undefined,
  names: readonly string[]
): Box | undefined {
  if (range === undefined) return undefined
  const pairs = names.map((name) => {
    const pair = isPair(range) ? range : range[name]
    if (pair) return pair
    throw new RangeError(`${factory}: range must name every channel used, '${name}' is missing`)
  })
  return { low: Float64Array.from(pairs, (pair) => pair[0]), high: Float64Array.from(pairs, (pair) => pair[1]) }
}

/** As kept in snapshots, so that one learned with another range is refused. @internal */
export function rangeText(range: ChannelRange<string> | undefined): string {
  if (range === undefined) return 'learned'
  if (isPair(range)) return `${range[0]}..${range[1]}`
  const texts = Object.entries(range).map(([name, [low, high]]) => `${name} ${low}..${high}`)
  return texts.toSorted().join(', ')
}

function isPair(range: ChannelRange<string>): range is readonly [number, number] {
  return Array.isArray(range)
}
