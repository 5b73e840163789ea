import type { LegacyLayout } from './legacy-layout.ts'

/** A frame of an older amplifier: what a host sends, or what it answers or measures. @internal */
export const LEGACY = {
  L1: '3B 1F 01 00 08 30 35 30 30 38 34 34 39 30 35 30 0D 0A',
  L2: '3B 29 01 00 01 30 33 33 01 0D 0A',
  L3: '3B B3 01 00 04 30 35 30 01 01 02 03 0D 0A',
  L4: 'A5 80 00 C0 00 40 00 FF FF 0D 0A',
  L5: '26 01 62 65 72 6C 69 6E',
  L6: 'A5 C0 00',
  L7: '8A 06 FC F3',
  L8: '20 B3 33 4C CC',
  L9: '2C 10 C0 00 00'
} as const

/** Answers of a GSV-4: the command that they answer, their data, and the serial number of the device. @internal */
export const LEGACY_ANSWERS = [
  { name: 'L1', command: 0x1f, data: '30 38 34 34 39 30 35 30', serial: '08449050', meaning: 'serial number 08449050' },
  { name: 'L2', command: 0x29, data: '01', serial: '033', meaning: 'transmission status 0x01' },
  { name: 'L3', command: 0xb3, data: '01 01 02 03', serial: '050', meaning: 'input types 1, 1, 2, 3' }
] as const

/** Commands of the older protocols. @internal */
export const LEGACY_REQUESTS = [
  { name: 'L5', command: 0x26, parameters: '01 62 65 72 6C 69 6E', meaning: 'GSV-4 unlock, "berlin"' },
  { name: 'L7', command: 0x8a, parameters: '06 FC F3', meaning: 'GSV-3 sampling rate 100 Hz' },
  { name: 'L8', command: 0x20, parameters: 'B3 33 4C CC', meaning: 'GSV-3 thresholds +0.4 and -0.4' }
] as const

/** Measured frames of the older amplifiers and what they decode to, as parts of the nominal range. @internal */
export const LEGACY_MEASURED: readonly {
  readonly name: keyof typeof LEGACY
  readonly layout: LegacyLayout
  readonly values: readonly number[]
  readonly flags: number
}[] = [
  { name: 'L4', layout: { model: 'gsv-4' }, values: [0, 0.5, -0.5, 32_767 / 32_768], flags: 1 },
  { name: 'L6', layout: { model: 'gsv-3' }, values: [0.525], flags: 0 },
  { name: 'L9', layout: { model: 'gsv-2' }, values: [0.525], flags: 0x10 }
]
