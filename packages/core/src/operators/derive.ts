import type { ChannelRole } from '../model/channel.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { deriveColumn, type Formula } from './derive-columns.ts'

/**
 * Options of {@link derive}.
 *
 * @example
 * ```ts
 * import type { DeriveOptions } from '@messwerk/core'
 *
 * const sum: DeriveOptions<readonly ['a', 'b'], 'sum'> = { as: 'sum', unit: 'A', from: ['a', 'b'], value: (a, b) => a + b }
 * sum.value(1, 2) // => 3
 * ```
 */
export interface DeriveOptions<F extends readonly string[], As extends string> {
  /** Name of the channel it adds. */
  readonly as: As
  /** UCUM code; `'1'` for a ratio. */
  readonly unit: string
  /** Channels whose values `value` is called with, in this order. */
  readonly from: F
  /** @defaultValue 'feature' */
  readonly role?: ChannelRole | undefined
  /** Called for each scan, also with NaN. Must depend on its arguments alone. */
  readonly value: (...values: { [I in keyof F]: number }) => number
}

/**
 * Adds a channel computed from others of the same scan.
 *
 * Its quality is the worst of its inputs. A result that is not finite becomes NaN with quality bad. An error that
 * `value` throws is the operator's error.
 *
 * @throws TypeError when an option is wrong; RangeError at the first block when a channel is unknown or `as` is taken
 *
 * @example
 * ```ts
 * import { derive } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 'pump', channels: { u: 'V', i: 'A' }, rate: 10 }, { u: [230, 231], i: [2, 3] })
 * const power = derive({ as: 'power', unit: 'W', from: ['u', 'i'], value: (u, i) => u * i })
 * column(await lastValueFrom(of(block).pipe(power)), 'power') // => Float64Array.of(460, 693)
 * ```
 */
export function derive<const F extends readonly string[], const As extends string>(
  options: DeriveOptions<F, As>
): Operator<F[number], As> {
  const { as, unit, from, value, role = 'feature' } = options
  if (typeof as !== 'string' || as === '')
    throw new TypeError(`derive: as must be the name of the new channel, got ${as}`)
  if (typeof unit !== 'string' || unit === '') {
    throw new TypeError(`derive: unit of '${as}' must be a UCUM code such as 'W' or '1', got ${String(unit)}`)
  }
  if (!Array.isArray(from) || from.length === 0) {
    throw new TypeError(`derive: from must name at least one channel for '${as}', got ${JSON.stringify(from)}`)
  }
  if (typeof value !== 'function')
    throw new TypeError(`derive: value of '${as}' must be a function, got ${typeof value}`)
  return operator<F[number], As>({
    id: 'derive',
    needs: from,
    adds: [as],
    onGap: 'hold',
    kernel: (stream) => deriveColumn('derive', stream, from, { name: as, unit, role }, value as unknown as Formula)
  })
}
