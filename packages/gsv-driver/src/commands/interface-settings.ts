import { bitLayouts } from './bit-layouts.ts'
import { type BitValues, readBits } from './bits.ts'
import type { ResponseOf } from './gsv-commands.ts'

/**
 * One further entry of an interface's settings.
 *
 * @example
 * ```ts
 * import type { InterfaceEntry } from '@messwerk/gsv-driver/commands'
 *
 * const entry: InterfaceEntry = { index: 10, type: 4, writable: true, data: 460_800 }
 * entry.writable // => true
 * ```
 */
export interface InterfaceEntry {
  /** For ReadInterfaceSetting and WriteInterfaceSetting. */
  readonly index: number
  /**
   * 1 and 2 masks of flags that can be set and cleared, 3 exclusive interfaces, 4 active baud rate, 5 available baud
   * rate, 6 number of ids, 7 to 10 CAN ids, 11 node id, 16 state, 17 and 18 timing, 19 channels, 20 integer scale.
   */
  readonly type: number
  readonly writable: boolean
  readonly data: number
}

/**
 * The settings of one interface of a device.
 *
 * @example
 * ```ts
 * import type { InterfaceSettings } from '@messwerk/gsv-driver/commands'
 *
 * const baudRate = ({ entries }: InterfaceSettings) => entries.find(({ type }) => type === 4)?.data
 * typeof baudRate // => 'function'
 * ```
 */
export interface InterfaceSettings {
  readonly index: number
  /** Undefined for a type that is not known. */
  readonly kind: (typeof KINDS)[number] | undefined
  readonly flags: BitValues<typeof bitLayouts.interfaceFlags>
  readonly entries: readonly InterfaceEntry[]
}

const KINDS = ['rs232', 'uart', 'usb', 'can', 'ethernet', 'rs422', 'spi'] as const

/**
 * Walks through the settings of all interfaces: yields the index that is to be read next, is given the answer to
 * ReadInterfaceSetting, and returns all of them at the end. A list that runs in a circle ends where it began.
 *
 * @param interfaces - how many there are, as GetInterface says
 *
 * @example
 * ```ts
 * import { walkInterfaceSettings } from '@messwerk/gsv-driver/commands'
 *
 * const device = [{ next: 2, type: 3, data: 0x0100_0003 }, { next: 0, type: 2, data: 0x0100_0003 }, { next: 0, type: 0x84, data: 115_200 }]
 * const walk = walkInterfaceSettings(2)
 * let step = walk.next()
 * while (!step.done) step = walk.next(device[step.value])        // a driver asks the device here
 * step.value.map(({ kind }) => kind) // => ['usb', 'uart']
 * step.value[0]?.entries // => [{ index: 2, type: 4, writable: true, data: 115_200 }]
 * ```
 */
export function* walkInterfaceSettings(
  interfaces: number
): Generator<number, InterfaceSettings[], ResponseOf<'ReadInterfaceSetting'> | undefined> {
  const all: InterfaceSettings[] = []
  for (let index = 0; index < interfaces; index += 1) {
    const basic = yield index
    if (!basic) continue
    const entries: InterfaceEntry[] = []
    const seen = new Set([0, index])
    for (let at = basic.next; !seen.has(at); ) {
      seen.add(at)
      const entry = yield at
      if (!entry) break
      entries.push({ index: at, type: entry.type & 0x7f, writable: entry.type >= 0x80, data: entry.data })
      at = entry.next
    }
    all.push({ index, kind: KINDS[basic.type - 1], flags: readBits(bitLayouts.interfaceFlags, basic.data), entries })
  }
  return all
}
