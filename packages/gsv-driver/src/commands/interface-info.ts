import { bitLayouts } from './bit-layouts.ts'
import { readBits, writeBits } from './bits.ts'
import type { ResponseOf } from './gsv-commands.ts'

/**
 * What a device says of itself and of the interface that it is asked through (GetInterface).
 *
 * @example
 * ```ts
 * import { decodeResponse, type InterfaceInfo, interfaceInfoOf } from '@messwerk/gsv-driver/commands'
 *
 * const info: InterfaceInfo = interfaceInfoOf(decodeResponse('GetInterface', Uint8Array.of(0x48, 0x7b, 0, 2)))
 * info.objects // => 8
 * ```
 */
export interface InterfaceInfo {
  /** Undefined for a model that is not known. */
  readonly model: 'gsv-8' | 'gsv-6' | undefined
  /** 8, 6, or what else it says. */
  readonly modelCode: number
  /** Whether measured frames carry a CRC. */
  readonly crc: boolean
  /** Values in a measured frame, 1 to 16. */
  readonly objects: number
  readonly transmitting: boolean
  /** Undefined for a code that does not exist. */
  readonly dataType: 'int16' | 'int24' | 'float32' | undefined
  /** Write protection of this interface. */
  readonly locked: boolean
  /** Write protection of all. */
  readonly allLocked: boolean
  /** Number of this interface, from 0. */
  readonly interface: number
  /** How many there are; 0: interface settings are not supported. */
  readonly interfaces: number
}

const DATA_TYPES = ['int16', 'int24', 'float32'] as const

/**
 * The meaning of an answer to GetInterface.
 *
 * @example
 * ```ts
 * import { interfaceInfoOf } from '@messwerk/gsv-driver/commands'
 *
 * const { model, crc, dataType } = interfaceInfoOf({ frames: 0xc8, layout: 0x73, protection: 0, interfaces: 2 })
 * ;[model, crc, dataType] // => ['gsv-8', true, 'float32']
 * ```
 */
export function interfaceInfoOf(answer: ResponseOf<'GetInterface'>): InterfaceInfo {
  const { model, frames } = readBits(bitLayouts.interfaceFrames, answer.frames)
  const { dataType, transmitting, objects } = readBits(bitLayouts.interfaceLayout, answer.layout)
  const { number, allLocked, locked } = readBits(bitLayouts.interfaceProtection, answer.protection)
  return {
    model: model === 8 ? 'gsv-8' : model === 6 ? 'gsv-6' : undefined,
    modelCode: model,
    crc: frames === 3,
    objects: objects + 1,
    transmitting,
    dataType: DATA_TYPES[dataType - 1],
    locked,
    allLocked,
    interface: number,
    interfaces: answer.interfaces
  }
}

/**
 * The answer to GetInterface that a device with this state gives.
 *
 * @throws RangeError when a number does not fit
 *
 * @example
 * ```ts
 * import { interfaceAnswer, interfaceInfoOf } from '@messwerk/gsv-driver/commands'
 *
 * const answer = { frames: 0x48, layout: 0x7b, protection: 0, interfaces: 2 }
 * interfaceAnswer(interfaceInfoOf(answer)) // => answer
 * ```
 */
export function interfaceAnswer(info: InterfaceInfo): ResponseOf<'GetInterface'> {
  const { modelCode, crc, objects, transmitting, locked, allLocked, interfaces } = info
  const dataType = info.dataType ? DATA_TYPES.indexOf(info.dataType) + 1 : 0
  const protection = { number: info.interface, allLocked, locked }
  return {
    frames: writeBits(bitLayouts.interfaceFrames, 0, { model: modelCode, frames: crc ? 3 : 1 }),
    layout: writeBits(bitLayouts.interfaceLayout, 0, { dataType, transmitting, objects: objects - 1 }),
    protection: writeBits(bitLayouts.interfaceProtection, 0, protection),
    interfaces
  }
}
