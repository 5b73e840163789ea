import { bitLayouts } from './bit-layouts.ts'
import { readBits, writeBits } from './bits.ts'

/**
 * What one value of a measured frame is (GetTXmapping, index 1 and up).
 *
 * @example
 * ```ts
 * import { type MappedObject, mappedObjectOf } from '@messwerk/gsv-driver/commands'
 *
 * const object: MappedObject = mappedObjectOf(0x0101)
 * object.quantity // => 'force_x'
 * ```
 */
export interface MappedObject {
  /** `channel` where the device states nothing; undefined for a code that is not known. */
  readonly quantity: Quantity | undefined
  readonly value: 'actual' | 'maximum' | 'minimum' | undefined
  /** 1 to 8 analog inputs; 7 the counter of a GSV-6BT; 9, 10 counters and 11 the digital inputs of a GSV-8. */
  readonly channel: number
}

type Quantity = (typeof QUANTITIES)[keyof typeof QUANTITIES]

const QUANTITIES = {
  0: 'channel',
  1: 'force_x',
  2: 'force_y',
  3: 'force_z',
  4: 'torque_x',
  5: 'torque_y',
  6: 'torque_z',
  16: 'raw',
  32: 'temperature',
  38: 'digital_inputs',
  40: 'pulses',
  56: 'speed'
} as const
const VALUES = ['actual', 'maximum', 'minimum'] as const

/**
 * The meaning of an entry of the mapping.
 *
 * @param entry - answer to GetTXmapping, 0 to 65535
 *
 * @example
 * ```ts
 * import { mappedObjectOf } from '@messwerk/gsv-driver/commands'
 *
 * mappedObjectOf(0x2809) // => { quantity: 'pulses', value: 'actual', channel: 9 }
 * ```
 */
export function mappedObjectOf(entry: number): MappedObject {
  const { channel, value, physical } = readBits(bitLayouts.txMapping, entry)
  return { quantity: QUANTITIES[physical as keyof typeof QUANTITIES], value: VALUES[value], channel }
}

/**
 * The entry of the mapping for a value of a frame, as a device answers it.
 *
 * @example
 * ```ts
 * import { mappingEntry } from '@messwerk/gsv-driver/commands'
 *
 * mappingEntry({ quantity: 'torque_z', value: 'actual', channel: 6 }) // => 0x0606
 * ```
 */
export function mappingEntry({ quantity = 'channel', value = 'actual', channel }: MappedObject): number {
  const physical = Number(
    Object.keys(QUANTITIES).find((code) => QUANTITIES[Number(code) as keyof typeof QUANTITIES] === quantity)
  )
  return writeBits(bitLayouts.txMapping, 0, { channel, value: VALUES.indexOf(value), physical })
}
