/** Properties of the templates; holes are ids that have no name. */
const NAMES = `1 template, 2 separator, 3 measurand_case, 4 full_scale_precision_case, 10 Sens, 11 Sens@Ref, 12 Reffreq,
13 RefTemp, 14 Sign, 15 Direction, 16 MapMeth, 17 MinPhysVal, 18 MaxPhysVal, 19 MinElecVal, 20 MaxElecVal, 21 GageType,
22 BridgeType, 23 GageFactor, 24 GageTransSens, 25 GageOffset, 26 PoissonCoef, 27 YoungsMod, 28 GageArea, 29 RTDCoef_R0,
30 RTDCoef_A, 31 RTDCoef_B, 32 RTDCoef_C, 33 SteinhartA, 34 SteinhartB, 35 SteinhartC, 36 SelfHeating, 37 TCType,
38 CJSource, 39 ElecSigType, 40 RespTime, 41 ACDCCoupling, 42 SensorImped, 43 DiscSigType, 44 DiscSigAmpl,
45 PulseMeasType, 46 Gain, 47 Filter, 48 TempCoef, 63 ExciteAmplNom, 64 ExciteAmplMin, 65 ExciteAmplMax, 66 ExciteType,
67 ExciteCurrentDraw, 68 ExciteFreqNom, 69 ExciteFreqMin, 70 ExciteFreqMax, 71 LoopSupplyMin, 72 LoopSupplyMax,
73 CalDate, 74 CalInitials, 75 CalPeriod, 96 manufacturer, 97 model, 98 version_letter, 99 version, 100 serial,
101 system_manufacturer, 102 system_model, 103 system_version_letter, 104 system_version, 105 system_serial,
106 Stiffness, 107 Mass_below, 108 Weight, 109 TestGain, 110 Passive, 111 PollFreq, 112 MeasID, 113 Ccable,
114 CableLen, 117 EMBTPL, 118 DefaultFR, 119 XML, 120 MDEF, 121 TDL_CHKSUM, 122 user, 123 PhysicalParameterType,
124 MemberIndex`

/**
 * Names of the properties of a TEDS memory by property id (ReadTEDSdataEntry). Ids of calibration tables, transfer
 * functions and microphones have none.
 *
 * @example
 * ```ts
 * import { tedsProperties } from '@messwerk/gsv-driver/commands'
 *
 * tedsProperties.get(22) // => 'BridgeType'
 * ```
 */
export const tedsProperties: ReadonlyMap<number, string> = new Map(
  NAMES.split(/,\s/).map((entry) => {
    const [id, name] = entry.split(' ') as [string, string]
    return [Number(id), name]
  })
)

/**
 * One property of a TEDS memory.
 *
 * @example
 * ```ts
 * import { type TedsEntry, tedsEntryOf } from '@messwerk/gsv-driver/commands'
 *
 * const entry: TedsEntry = tedsEntryOf({ next: 0, kind: 1, value: 2.5 })
 * entry.value // => 2.5
 * ```
 */
export interface TedsEntry {
  /** Next property to ask for; 0 = that was the last. */
  readonly next: number
  /** A number, a text or a date; undefined where there is none, see `missing`. */
  readonly value: number | string | Date | undefined
  readonly missing?: 'invalid' | 'not set' | 'does not exist'
}

const EPOCH = Date.UTC(1998, 0, 1)
const DAY = 86_400_000
const LETTERS = ' ABCDEFGHIJKLMNOPQRSTUVWXYZ,./_@'

/**
 * The meaning of an answer to ReadTEDSdataEntry. Start with property 0 and follow `next` until it is 0. Packed texts
 * (kind 2) are read with the first character in the lowest five bits, the order of IEEE 1451.4; this was not tried on
 * a device.
 *
 * @example
 * ```ts
 * import { tedsEntryOf } from '@messwerk/gsv-driver/commands'
 *
 * tedsEntryOf({ next: 75, kind: 4, value: 9497 }) // => { next: 75, value: new Date('2024-01-02T00:00:00Z') }
 * tedsEntryOf({ next: 11, kind: 0xfe, value: 0 }) // => { next: 11, value: undefined, missing: 'not set' }
 * ```
 */
export function tedsEntryOf(answer: {
  readonly next: number
  readonly kind: number
  readonly value: number
}): TedsEntry {
  const { next, kind, value } = answer
  if (kind >= 0x80) {
    return { next, value: undefined, missing: kind === 0xfe ? 'not set' : kind === 0xff ? 'does not exist' : 'invalid' }
  }
  if (kind === 2) return { next, value: packedText(value) }
  if (kind === 4) return { next, value: new Date(EPOCH + value * DAY) }
  return { next, value }
}

function packedText(value: number): string {
  const letters = Array.from({ length: 5 }, (_, i) => LETTERS[(value >>> (5 * i)) & 31])
  return letters.join('').trimEnd()
}
