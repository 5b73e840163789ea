// What the commands in the codec's vectors say, by their names, and some vectors more. For tests.
import type { GsvModel } from './gsv-command.ts'
import type { FieldValues } from './row-payload.ts'

/** @internal */
export interface CommandVector {
  /** Bytes, where the codec does not have them. */
  readonly frame?: string
  readonly name: string
  readonly values?: FieldValues
  readonly model?: GsvModel
  readonly alternative?: true
}

type LegacyVector = CommandVector & { readonly frame: string; readonly model: GsvModel }

const PLAIN = Uint8Array.from({ length: 20 }, (_, i) => i)

/** @internal */
export const REQUESTS: Readonly<Record<string, CommandVector>> = {
  R1: { name: 'StopTransmission' },
  R2: { name: 'StartTransmission' },
  R3: { name: 'GetValue' },
  R4: { name: 'StopTransmission' },
  R5: { name: 'GetInterface', values: { flags: 8 } },
  R6: { name: 'ReadDataRate' },
  R7: { name: 'GetSerNo' },
  R8: { name: 'ResetDevice', model: 'gsv-6' },
  R9: { name: 'WriteDataRate', values: { rate: 100 } },
  R10: { name: 'WriteDataRate', values: { rate: 100 } },
  R11a: { name: 'SetZero', values: { channel: 0 } },
  R11b: { name: 'SetZero', values: { channel: 3 } },
  R12: { name: 'ReadUserScale', values: { channel: 2 } },
  R13: { name: 'WriteUserScale', values: { channel: 2, scale: 2 } },
  R14: { name: 'WriteUserOffset', values: { channel: 0, offset: -0.25 } },
  R15: { name: 'GetInputType', values: { channel: 1, sense: 255 } },
  R16: {
    name: 'MEwriteInputRange',
    values: { channel: 0, range: 200 },
    model: 'gsv-6'
  },
  R17: { name: 'SetTXMode', values: { index: 1, value: 3 } },
  R18: { name: 'SetTXMode', values: { index: 1, value: 1 } },
  R19: { name: 'SetTXMode', values: { index: 1, value: 16 } },
  R20: { name: 'SetTXMode', values: { index: 0, value: 2 } },
  R21: { name: 'SetUnitNo', values: { channel: 0, unit: 3 } },
  R22: { name: 'SetUnitText', values: { slot: 0, text: 'N/cm' } },
  R23: {
    name: 'SetUnitText',
    values: { slot: 0, text: 'N/cm' },
    model: 'gsv-6'
  },
  R24: { name: 'MEsetID', values: { id: 'Beln' } },
  R25: { name: 'SwitchBlocking', values: { key: 'ULKa' } },
  R26: {
    name: 'WriteDIOthreshold',
    values: { line: 1, which: 1, threshold: 1.5 }
  },
  R27: {
    name: 'SetDIOtype',
    values: { line: 1, type: 0x010000, channel: 3 }
  },
  R28: { name: 'SetDIOlevel', values: { line: 5, level: 1 } },
  R29: { name: 'ReadFTSensorCal', values: { type: 2, index: 0 } },
  R30: {
    name: 'WriteFTSensorCal',
    values: { type: 2, index: 7, value: -0.125 }
  },
  R31: { name: 'WriteInterfaceSetting', values: { index: 10, data: 460_800 } },
  R32a: {
    name: 'WriteAnalogueFilter',
    values: { frequency: 850 },
    alternative: true
  },
  R32b: { name: 'WriteAnalogueFilter', values: { frequency: 885 } },
  R33: { name: 'WriteZero', values: { channel: 1, tare: -1234 } },
  R34: {
    name: 'WriteDigiFiltCoeff',
    values: { channel: 1, index: 0x10, coefficient: -1.5 }
  },
  A9: { frame: 'AA B0 1F 12 85', name: 'GetSerNo' },
  A10: { frame: 'AA 90 2B 85', name: 'FirmwareVersion' },
  A13: { frame: 'AA 91 0F 01 85', name: 'GetUnitNo', values: { channel: 1 } },
  A14: { frame: 'AA 91 80 01 85', name: 'GetTXMode', values: { index: 1 } },
  A15: { frame: 'AA 90 26 85', name: 'GetMode' },
  A18: { frame: 'AA 91 53 01 85', name: 'ReadMaxMinVal', values: { channel: 1 } },
  A19: { frame: 'AA 91 63 00 85', name: 'ReadDataRateRange', values: { index: 0 } },
  A20: { frame: 'AA 91 49 00 85', name: 'GetTXmapping', values: { index: 0 } },
  A21: { frame: 'AA 91 7B 0A 85', name: 'ReadInterfaceSetting', values: { index: 10 } },
  A22: { frame: 'AA 91 43 01 85', name: 'GetLastValueError', values: { index: 1 } },
  A23: { frame: 'AA 91 5B 02 85', name: 'GetDIOtype', values: { line: 2 } }
}

/** @internal */
export const RESPONSES: Readonly<Record<string, CommandVector>> = {
  A1: { name: 'StopTransmission' },
  A2: { name: 'StopTransmission' },
  A3: {
    name: 'GetInterface',
    values: { frames: 0xc8, layout: 0x73, protection: 0, interfaces: 2 }
  },
  A4: {
    name: 'GetInterface',
    values: { frames: 0x48, layout: 0x7b, protection: 0, interfaces: 2 }
  },
  A5: { name: 'ReadDataRate', values: { rate: 100 } },
  A6: { name: 'ReadDataRate', values: { rate: 100 } },
  A7: {
    name: 'ReadDataRate',
    values: { rate: Math.fround(100.402) },
    model: 'gsv-6'
  },
  A8: { name: 'GetSerNo', values: { serial: 24_456_060 } },
  A9: { name: 'GetSerNo', values: { serial: 24_456_060 } },
  A10: { name: 'FirmwareVersion', values: { major: 1, minor: 56 } },
  A11: { name: 'ReadUserScale', values: { scale: 2 } },
  A12: { name: 'GetInputType', values: { type: 1, range: 350 } },
  A13: { name: 'GetUnitNo', values: { unit: 3 } },
  A14: { name: 'GetTXMode', values: { value: 3 } },
  A15: { name: 'GetMode', values: { flags: 0x5ff02 } },
  A16: { name: 'GetUnitText', values: { text: 'N/cm' } },
  A17: {
    name: 'GetUnitText',
    values: { text: 'N/cm' },
    model: 'gsv-6'
  },
  A18: { name: 'ReadMaxMinVal', values: { max: 2.5, min: -1.25 } },
  A19: { name: 'ReadDataRateRange', values: { rate: 12_000 } },
  A20: { name: 'GetTXmapping', values: { value: 8 } },
  A21: {
    name: 'ReadInterfaceSetting',
    values: { next: 11, type: 0x84, data: 460_800 }
  },
  A22: {
    name: 'GetLastValueError',
    values: { fault: Uint8Array.of(0x20, 0, 3, 0xe8, 1, 1) }
  },
  A23: { name: 'GetDIOtype', values: { type: 0x810000, channel: 3 } },
  A24: { name: 'ReadZero', values: { tare: -1234 } },
  A27: {
    name: 'ReadFile',
    values: { data: PLAIN.slice(0, 15) },
    model: 'gsv-6bt'
  },
  A28: {
    name: 'ReadFileExtended',
    values: { data: PLAIN },
    model: 'gsv-6bt'
  },
  A29: {
    name: 'ReadFileExtended',
    values: { data: PLAIN },
    model: 'gsv-6bt'
  },
  A30: { name: 'GetRawValue', values: { raw: 0x003cf3cf } }
}

/** Statuses without data: three refusals, and a success. @internal */
export const STATUSES: Readonly<Record<string, number>> = { A25a: 0x52, A25b: 0x5b, A25c: 0x75, A26: 0x01 }

/** Commands of legacy models as the host sends them, command byte first. @internal */
export const LEGACY_REQUESTS: Readonly<Record<string, LegacyVector>> = {
  L1: { frame: '1F', name: 'GetSerialNumber', model: 'gsv-4' },
  L2: { frame: '29', name: 'GetTXStatus', model: 'gsv-4' },
  L3: { frame: 'B3', name: 'GetInputs', model: 'gsv-4' },
  L5: {
    frame: '26 01 62 65 72 6C 69 6E',
    name: 'UnlockConfiguration',
    values: { unlock: 1, key: 'berlin' },
    model: 'gsv-4'
  },
  L7a: {
    frame: '8A 06 FC F3',
    name: 'WriteSamplingRate',
    values: { exponent: 6, register: 0xfcf3 },
    model: 'gsv-3'
  },
  L7b: { frame: '8B', name: 'ReadSamplingRate', model: 'gsv-3' },
  L8: { frame: '20 B3 33 4C CC', name: 'SetThreshold', values: { upper: 0xb333, lower: 0x4ccc }, model: 'gsv-3' }
}

/** Answers of legacy models: the data only. @internal */
export const LEGACY_RESPONSES: Readonly<Record<string, LegacyVector>> = {
  L1: { frame: '30 38 34 34 39 30 35 30', name: 'GetSerialNumber', values: { serial: '08449050' }, model: 'gsv-4' },
  L2: { frame: '01', name: 'GetTXStatus', values: { status: 1 }, model: 'gsv-4' },
  L3: {
    frame: '01 01 02 03',
    name: 'GetInputs',
    values: { input1: 1, input2: 1, input3: 2, input4: 3 },
    model: 'gsv-4'
  },
  L7: { frame: '06 FC F3', name: 'ReadSamplingRate', values: { exponent: 6, register: 0xfcf3 }, model: 'gsv-3' }
}
