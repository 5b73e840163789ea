import type { Channel } from '../model/channel.ts'
import type { Scaler } from '../model/scaler.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { type Linear, scaleColumns } from './scale-columns.ts'
import { scaleFitted } from './scale-fitted.ts'

/**
 * How a channel is scaled: `value * factor + offset`.
 *
 * @example
 * ```ts
 * import type { Scaling } from '@messwerk/core'
 *
 * const loadCell: Scaling = { factor: 50, offset: -0.2, unit: 'kN' }
 * loadCell.unit // => 'kN'
 * ```
 */
export interface Scaling {
  readonly factor: number
  /** In the unit of the result. @defaultValue 0 */
  readonly offset?: number | undefined
  /** UCUM code of the result. @defaultValue that of the channel */
  readonly unit?: string | undefined
}

/**
 * Scales channels in place: `value * factor + offset`. Names, scans and the other channels stay; unit, range and
 * resolution of the channel follow. For a change of unit alone use {@link convert}, which knows the factors.
 *
 * To keep the unscaled values, {@link derive} a second channel instead.
 *
 * @throws TypeError or RangeError when an option is wrong; RangeError at the first block when a channel is unknown
 *
 * @example
 * ```ts
 * import { scale } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { force: 'mV/V' }, rate: 10 }, { force: [0.5, 1] })
 * const inNewton = scale({ channels: { force: { factor: 500, unit: 'N' } } })
 * column(await lastValueFrom(of(block).pipe(inNewton)), 'force') // => Float64Array.of(250, 500)
 * ```
 */
export function scale<const K extends string>(options: {
  readonly channels: Readonly<Record<K, Scaling>>
}): Operator<K, never>

/**
 * Scales channels in place by what a scaler has learned, the same as in training: its channels have the unit '1' then, no range and no
 * resolution.
 *
 * @throws TypeError when `by` is no scaler; RangeError at the first block when the stream has not all of its channels
 */
export function scale(options: { readonly by: Scaler }): Operator

export function scale(
  options: { readonly channels: Readonly<Record<string, Scaling>> } | { readonly by: Scaler }
): Operator {
  if ('by' in options) return scaleBy(options.by)
  const changes = Object.entries<Scaling>(namedChannels('scale', options.channels))
  for (const [name, { factor, offset = 0 }] of changes) {
    checkNumber(`factor of '${name}'`, factor, factor !== 0)
    checkNumber(`offset of '${name}'`, offset, true)
  }
  return operator<string, never>({
    id: 'scale',
    needs: changes.map(([name]) => name),
    onGap: 'hold',
    kernel(stream) {
      const steps = changes.map(([name, { factor, offset = 0, unit }]): [number, Linear] => {
        const index = stream.index(name)
        return [index, { factor, offset, unit: unit ?? (stream.channels[index] as Channel).unit }]
      })
      return scaleColumns(stream, new Map(steps))
    }
  })
}

function scaleBy(scaler: Scaler): Operator<string, never> {
  const { kind, channels, transform } = (scaler ?? {}) as Partial<Scaler>
  if (typeof transform !== 'function' || !Array.isArray(channels) || channels.length === 0) {
    throw new TypeError(`scale: by must be a fitted scaler, with channels and transform, got ${String(scaler)}`)
  }
  return operator<string, never>({
    id: 'scale',
    needs: scaler.channels,
    onGap: 'hold',
    settings: { by: kind },
    kernel: (stream) => scaleFitted(stream, scaler)
  })
}

/** @throws TypeError when it is not a record of at least one channel. @internal */
export function namedChannels<T extends object>(id: string, channels: T): T {
  if (typeof channels === 'object' && channels !== null && Object.keys(channels).length > 0) return channels
  throw new TypeError(`${id}: channels must name at least one channel, got ${JSON.stringify(channels)}`)
}

function checkNumber(what: string, value: number, allowed: boolean): void {
  if (Number.isFinite(value) && allowed) return
  throw new RangeError(`scale: ${what} must be a finite number${allowed ? '' : ' other than 0'}, got ${String(value)}`)
}
