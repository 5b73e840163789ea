import type { GapRule } from '../kernels/kernel-cell.ts'
import type { Channel } from '../model/channel.ts'
import { Quality } from '../model/quality.ts'
import type { Span } from '../model/span.ts'
import { channelIndexes, type Stream } from '../model/stream.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { windowGrid } from './windows-grid.ts'
import { type WindowFeature, WindowKernel } from './windows-kernel.ts'

/**
 * Options of the operators that compute features of windows.
 *
 * Windows given as time lie on a grid of event time: window `k` is `[k * hop, k * hop + window)` since the Unix epoch,
 * whatever the first scan was, so that windows of several streams and of a replay coincide. On an evenly spaced axis a
 * scan belongs to the window that the middle of its period falls into. Windows in scans begin at multiples of hop scans
 * since the epoch at the stream's rate; without a rate they are counted from the first scan.
 *
 * A scan that an operator emits stands for one window, at the end of the window (not included). Windows in scans of a
 * stream without a rate, or with a time for each scan, carry the time of their last scan. The window that is running at
 * the start, after a reset or after a hole is left out, as its front is unknown.
 *
 * NaN values are left out: `quality` of the result is then uncertain, and missing (with NaN) when none is left.
 *
 * @example
 * ```ts
 * import type { WindowOptions } from '@messwerk/core'
 *
 * const overlapping: WindowOptions<'force'> = { window: '100ms', hop: '50ms', channels: ['force'] }
 * overlapping.hop // => '50ms'
 * ```
 */
export interface WindowOptions<K extends string = string> extends GapRule {
  readonly window: Span
  /** From one window's start to the next; of the same kind as `window`. @defaultValue `window`: no overlap */
  readonly hop?: Span | undefined
  /** @defaultValue all measured channels */
  readonly channels?: readonly K[] | undefined
}

/** @internal */
export interface ChannelFeature {
  /** Names behind the channel's, for example `rms` for `force.rms`. */
  readonly names: readonly string[]
  /** Unit of the results from the unit of the channel. @defaultValue the same */
  readonly unit?: (unit: string) => string
  /** Fills one value a name at `out[at]` on. @returns how many values were used; with 0 the results are to be NaN */
  readonly measure: (values: Float64Array, from: number, to: number, out: Float64Array, at: number) => number
}

/** An operator that computes each channel of each window on its own. @internal */
export function channelWindows<K extends string, A extends string>(
  id: string,
  options: WindowOptions<K>,
  feature: ChannelFeature
): Operator<K, A, 'replace'> {
  const { channels } = options
  const adds = channels?.flatMap((channel) => feature.names.map((name) => `${channel}.${name}`))
  return windowOperator<K, A>(id, options, {
    needs: channels ?? [],
    adds: (adds ?? []) as A[],
    indexes: (stream) => channelIndexes(stream, channels),
    feature: (inputs) => perChannel(feature, inputs)
  })
}

/** @internal */
export interface WindowParts<K extends string, A extends string> {
  readonly needs: readonly K[]
  readonly adds: readonly A[]
  readonly indexes: (stream: Stream) => readonly number[]
  readonly feature: (inputs: readonly Channel[], stream: Stream) => WindowFeature
}

/** An operator that computes windows. @internal */
export function windowOperator<K extends string, A extends string>(
  id: string,
  options: WindowOptions<K>,
  { needs, adds, indexes, feature }: WindowParts<K, A>
): Operator<K, A, 'replace'> {
  const { window, hop, onGap, maxGap } = options
  const grid = windowGrid(id, window, hop)
  return operator<K, A, 'replace'>({
    id,
    needs,
    adds,
    mode: 'replace',
    onGap,
    maxGap,
    settings: { window, hop, channels: options.channels, onGap, maxGap },
    kernel(stream) {
      const chosen = indexes(stream)
      const inputs = chosen.map((i) => stream.channels[i] as Channel)
      return new WindowKernel(id, grid, stream, chosen, feature(inputs, stream))
    }
  })
}

function perChannel({ names, unit, measure }: ChannelFeature, inputs: readonly Channel[]): WindowFeature {
  const outputs = inputs.flatMap((channel) =>
    names.map(
      (name): Channel => ({
        name: `${channel.name}.${name}`,
        unit: unit ? unit(channel.unit) : channel.unit,
        role: 'feature'
      })
    )
  )
  const width = names.length
  return {
    outputs,
    compute({ values, starts, length, quality }, out, outQuality) {
      for (let k = 0; k < starts.length; k += 1) {
        const from = starts[k] as number
        const used = measure(values, from, from + length, out, k * width)
        const worst = used === length ? (quality[k] as number) : used === 0 ? Quality.missing : Quality.uncertain
        for (let j = k * width; j < (k + 1) * width; j += 1) {
          outQuality[j] = Number.isNaN(out[j]) && worst < Quality.bad ? Quality.bad : worst
        }
      }
    }
  }
}
