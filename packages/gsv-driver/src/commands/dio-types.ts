/**
 * What a digital line can do: code of its type (GetDIOtype, SetDIOtype) and direction, by name.
 *
 * @example
 * ```ts
 * import { dioFunctions } from '@messwerk/gsv-driver/commands'
 *
 * dioFunctions.setZeroAll // => { code: 0x20, direction: 'in' }
 * ```
 */
export const dioFunctions = {
  none: { code: 0x000000, direction: 'none' },
  fileTrigger: { code: 0x000001, direction: 'in' },
  syncSlave: { code: 0x000002, direction: 'in' },
  input: { code: 0x000004, direction: 'in' },
  encoder: { code: 0x000008, direction: 'in' },
  setZeroOne: { code: 0x000010, direction: 'in' },
  setZeroAll: { code: 0x000020, direction: 'in' },
  loadFactoryOffsets: { code: 0x000030, direction: 'in' },
  resetMaxMin: { code: 0x000040, direction: 'in' },
  outputsToDefault: { code: 0x000050, direction: 'in' },
  sendOne: { code: 0x000080, direction: 'in' },
  sendMaximum: { code: 0x000100, direction: 'in' },
  sendMinimum: { code: 0x000200, direction: 'in' },
  sendMean: { code: 0x000400, direction: 'in' },
  streamWhileActive: { code: 0x000800, direction: 'in' },
  output: { code: 0x001000, direction: 'out' },
  threshold: { code: 0x010000, direction: 'out' },
  thresholdOfMaximum: { code: 0x014000, direction: 'out' },
  thresholdOfMinimum: { code: 0x018000, direction: 'out' },
  window: { code: 0x012000, direction: 'out' },
  windowOfMaximum: { code: 0x016000, direction: 'out' },
  windowOfMinimum: { code: 0x01a000, direction: 'out' },
  syncMaster: { code: 0x020000, direction: 'out' }
} as const

/**
 * Type of a digital line.
 *
 * @example
 * ```ts
 * import type { DioType } from '@messwerk/gsv-driver/commands'
 *
 * const type: DioType = { function: 'threshold', inverted: true, mirrored: false }
 * type.inverted // => true
 * ```
 */
export interface DioType {
  /** Undefined for a code that is not known. */
  readonly function: keyof typeof dioFunctions | undefined
  /** Active when low; not for `input`, `output`, `syncSlave` and `syncMaster`. */
  readonly inverted: boolean
  /** Thresholds count for negative values too; both must be positive. */
  readonly mirrored: boolean
}

const INVERTED = 0x800000
const MIRRORED = 0x400000
const NOT_INVERTIBLE: readonly unknown[] = ['input', 'output', 'syncSlave', 'syncMaster']

/**
 * The meaning of a type code of a digital line.
 *
 * @example
 * ```ts
 * import { dioTypeOf } from '@messwerk/gsv-driver/commands'
 *
 * dioTypeOf(0x810000) // => { function: 'threshold', inverted: true, mirrored: false }
 * ```
 */
export function dioTypeOf(code: number): DioType {
  const plain = code & ~(INVERTED | MIRRORED)
  const known = Object.entries(dioFunctions).find(([, row]) => row.code === plain)
  return {
    function: known?.[0] as DioType['function'],
    inverted: (code & INVERTED) !== 0,
    mirrored: (code & MIRRORED) !== 0
  }
}

/**
 * The code of a type of a digital line.
 *
 * @throws RangeError when the function does not exist or cannot be inverted or mirrored
 *
 * @example
 * ```ts
 * import { dioTypeCode } from '@messwerk/gsv-driver/commands'
 *
 * dioTypeCode({ function: 'window', mirrored: true }) // => 0x412000
 * ```
 */
export function dioTypeCode(type: Partial<DioType>): number {
  const row = type.function && dioFunctions[type.function]
  if (!row) {
    const names = Object.keys(dioFunctions).join(', ')
    throw new RangeError(`dioTypeCode: function must be one of ${names}, got '${String(type.function)}'`)
  }
  if (type.inverted && NOT_INVERTIBLE.includes(type.function)) {
    throw new RangeError(`dioTypeCode: inverted must be false for the function '${type.function}', got true`)
  }
  if (type.mirrored && !/^(threshold|window)/.test(type.function ?? '')) {
    throw new RangeError(`dioTypeCode: mirrored must be false for the function '${type.function}', got true`)
  }
  return row.code + (type.inverted ? INVERTED : 0) + (type.mirrored ? MIRRORED : 0)
}
