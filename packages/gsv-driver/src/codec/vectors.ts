// Over 200 lines: data. Vectors of the public protocol specification and of programs that were run against devices, and
// some derived from its rules by an independent program; one place for the tests of codec, commands and simulator.
import type { FrameLayout, IntegerEncoding } from './frame-layout.ts'

/** Bytes of a string such as `'AA 90 23 85'`; for tests. @internal */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.split(/[\s·]+/).filter(Boolean), (byte) => Number.parseInt(byte, 16))
}

/** A request and what it is made of. @internal */
export interface RequestVector {
  readonly name: string
  readonly bytes: string
  readonly command: number
  /** Parameter bytes. */
  readonly parameters: string
  readonly crc: boolean
  readonly meaning: string
}

const request = (name: string, bytes: string, command: number, parameters: string, meaning: string): RequestVector => ({
  name,
  bytes,
  command,
  parameters,
  crc: bytes.startsWith('AA B'),
  meaning
})

/** Requests, host to device. @internal */
export const REQUESTS: readonly RequestVector[] = [
  request('R1', 'AA 90 23 85', 0x23, '', 'StopTransmission'),
  request('R2', 'AA 90 24 85', 0x24, '', 'StartTransmission'),
  request('R3', 'AA 90 3B 85', 0x3b, '', 'GetValue'),
  request('R4', 'AA B0 23 A6 85', 0x23, '', 'StopTransmission with CRC-8'),
  request('R5', 'AA B1 01 08 AC 85', 0x01, '08', 'GetInterface, switch CRC-16 on, with CRC-8'),
  request('R6', 'AA 90 8A 85', 0x8a, '', 'ReadDataRate'),
  request('R7', 'AA 90 1F 85', 0x1f, '', 'GetSerNo'),
  request('R8', 'AA 90 78 85', 0x78, '', 'ResetDevice (GSV-6)'),
  request('R9', 'AA 94 8B 42 C8 00 00 85', 0x8b, '42 C8 00 00', 'WriteDataRate 100 Hz'),
  request('R10', 'AA B4 8B 42 C8 00 00 AE 85', 0x8b, '42 C8 00 00', 'WriteDataRate 100 Hz with CRC-8'),
  request('R11a', 'AA 91 0C 00 85', 0x0c, '00', 'SetZero all'),
  request('R11b', 'AA 91 0C 03 85', 0x0c, '03', 'SetZero channel 3'),
  request('R12', 'AA 91 14 02 85', 0x14, '02', 'ReadUserScale channel 2'),
  request('R13', 'AA 95 15 02 40 00 00 00 85', 0x15, '02 40 00 00 00', 'WriteUserScale channel 2 = 2.0'),
  request('R14', 'AA 95 9B 00 BE 80 00 00 85', 0x9b, '00 BE 80 00 00', 'WriteUserOffset all = -0.25'),
  request('R15', 'AA 92 A2 01 FF 85', 0xa2, '01 FF', 'GetInputType channel 1, active (GSV-8)'),
  request('R16', 'AA 96 34 00 00 00 00 00 C8 85', 0x34, '00 00 00 00 00 C8', 'MEwriteInputRange all = 2 mV/V (GSV-6)'),
  request('R17', 'AA 93 81 01 00 03 85', 0x81, '01 00 03', 'SetTXMode data type float32'),
  request('R18', 'AA 93 81 01 00 01 85', 0x81, '01 00 01', 'SetTXMode data type int16'),
  request('R19', 'AA 93 81 01 00 10 85', 0x81, '01 00 10', 'SetTXMode with a wrong data type: a GSV-8 answers 0x52'),
  request('R20', 'AA 93 81 00 00 02 85', 0x81, '00 00 02', 'SetTXMode: transmission permanently off'),
  request('R21', 'AA 92 10 00 03 85', 0x10, '00 03', 'SetUnitNo all = N'),
  request(
    'R22',
    'AA 99 12 00 4E 2F 63 6D 00 00 00 00 85',
    0x12,
    '00 4E 2F 63 6D 00 00 00 00',
    'SetUnitText slot 0 "N/cm" (GSV-8)'
  ),
  request(
    'R23',
    'AA 9A 12 00 00 4E 2F 63 6D 00 00 00 00 85',
    0x12,
    '00 00 4E 2F 63 6D 00 00 00 00',
    'SetUnitText slot 0 "N/cm" (GSV-6)'
  ),
  request('R24', 'AA 94 19 42 65 6C 6E 85', 0x19, '42 65 6C 6E', 'MEsetID "Beln"'),
  request('R25', 'AA 94 92 55 4C 4B 61 85', 0x92, '55 4C 4B 61', 'SwitchBlocking "ULKa"'),
  request('R26', 'AA 96 60 01 01 3F C0 00 00 85', 0x60, '01 01 3F C0 00 00', 'WriteDIOthreshold line 1 upper 1.5'),
  request('R27', 'AA 95 5C 01 01 00 00 03 85', 0x5c, '01 01 00 00 03', 'SetDIOtype line 1 threshold, channel 3'),
  request('R28', 'AA 93 5E 05 00 01 85', 0x5e, '05 00 01', 'SetDIOlevel line 5 high'),
  request('R29', 'AA 92 47 02 00 85', 0x47, '02 00', 'ReadFTSensorCal matrix A element 0'),
  request('R30', 'AA 96 48 02 07 BE 00 00 00 85', 0x48, '02 07 BE 00 00 00', 'WriteFTSensorCal a22 = -0.125'),
  request('R31', 'AA 95 7C 0A 00 07 08 00 85', 0x7c, '0A 00 07 08 00', 'WriteInterfaceSetting 10 = 460800'),
  request('R32a', 'AA 92 91 03 52 85', 0x91, '03 52', 'WriteAnalogueFilter 850 as u16'),
  request('R32b', 'AA 94 91 44 5D 40 00 85', 0x91, '44 5D 40 00', 'WriteAnalogueFilter 885 as f32'),
  request('R33', 'AA 95 03 01 FF FF FB 2E 85', 0x03, '01 FF FF FB 2E', 'WriteZero channel 1 = -1234'),
  request('R34', 'AA 96 50 01 10 FE 80 00 00 85', 0x50, '01 10 FE 80 00 00', 'WriteDigiFiltCoeff B0 = -1.5 in S7.24')
]

/** A response and what it decodes to. @internal */
export interface ResponseVector {
  readonly name: string
  readonly bytes: string
  readonly status: number
  /** Data bytes. */
  readonly data: string
  readonly crc: boolean
  readonly meaning: string
  /** The request that it answers, where that is known. */
  readonly request: string | undefined
}

const response = (
  name: string,
  bytes: string,
  status: number,
  data: string,
  meaning: string,
  request?: string
): ResponseVector => ({ name, bytes, status, data, crc: bytes.startsWith('AA 7'), meaning, request })

const FIFTEEN = '00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E'
/** Data of the long responses. @internal */
export const TWENTY = `${FIFTEEN} 0F 10 11 12 13`

/** Responses, device to host. @internal */
export const RESPONSES: readonly ResponseVector[] = [
  response('A1', 'AA 50 00 85', 0, '', 'OK', 'AA 90 23 85'),
  response('A2', 'AA 70 00 A2 85', 0, '', 'OK, with CRC-8', 'AA B0 23 A6 85'),
  response(
    'A3',
    'AA 74 00 C8 73 00 02 B9 85',
    0,
    'C8 73 00 02',
    'GetInterface: CRC-16 on, GSV-8, 8 objects, transmission off, float32, interface 0 of 2',
    'AA B1 01 08 AC 85'
  ),
  response(
    'A4',
    'AA 54 00 48 7B 00 02 85',
    0,
    '48 7B 00 02',
    'GetInterface: no CRC, GSV-8, 8 objects, on, float32',
    'AA 91 01 00 85'
  ),
  response('A5', 'AA 54 00 42 C8 00 00 85', 0, '42 C8 00 00', 'data rate 100', 'AA 90 8A 85'),
  response('A6', 'AA 74 00 42 C8 00 00 1C 85', 0, '42 C8 00 00', 'data rate 100, with CRC-8'),
  response('A7', 'AA 54 00 42 C8 CD D3 85', 0, '42 C8 CD D3', 'GSV-6 data rate 100.402 (asked 100)', 'AA 90 8A 85'),
  response('A8', 'AA 54 00 01 75 2B 7C 85', 0, '01 75 2B 7C', 'serial number 24456060', 'AA 90 1F 85'),
  response('A9', 'AA 74 00 01 75 2B 7C 8C 85', 0, '01 75 2B 7C', 'serial number, with CRC-8', 'AA B0 1F 12 85'),
  response('A10', 'AA 54 00 00 01 00 38 85', 0, '00 01 00 38', 'firmware 1.56', 'AA 90 2B 85'),
  response('A11', 'AA 54 00 40 00 00 00 85', 0, '40 00 00 00', 'user scale 2.0', 'AA 91 14 02 85'),
  response(
    'A12',
    'AA 55 00 01 00 00 01 5E 85',
    0,
    '01 00 00 01 5E',
    'input type 1 (bridge 5 V), 3.5 mV/V',
    'AA 92 A2 01 FF 85'
  ),
  response('A13', 'AA 51 00 03 85', 0, '03', 'unit N', 'AA 91 0F 01 85'),
  response('A14', 'AA 52 00 00 03 85', 0, '00 03', 'TX data type float32', 'AA 91 80 01 85'),
  response(
    'A15',
    'AA 54 00 00 05 FF 02 85',
    0,
    '00 05 FF 02',
    'GSV-8 mode: automatic analog filter, TEDS channels 1-8, TEDS unit and aout scale',
    'AA 90 26 85'
  ),
  response('A16', 'AA 58 00 4E 2F 63 6D 00 00 00 00 85', 0, '4E 2F 63 6D 00 00 00 00', 'unit text "N/cm", GSV-8'),
  response('A17', 'AA 59 00 00 4E 2F 63 6D 00 00 00 00 85', 0, '00 4E 2F 63 6D 00 00 00 00', 'unit text "N/cm", GSV-6'),
  response(
    'A18',
    'AA 58 00 40 20 00 00 BF A0 00 00 85',
    0,
    '40 20 00 00 BF A0 00 00',
    'maximum 2.5, minimum -1.25 (GSV-8)',
    'AA 91 53 01 85'
  ),
  response('A19', 'AA 54 00 46 3B 80 00 85', 0, '46 3B 80 00', 'highest data rate 12000', 'AA 91 63 00 85'),
  response('A20', 'AA 52 00 00 08 85', 0, '00 08', '8 mapped objects', 'AA 91 49 00 85'),
  response(
    'A21',
    'AA 56 00 0B 84 00 07 08 00 85',
    0,
    '0B 84 00 07 08 00',
    'interface setting: next index 11, writable, type 4 baud, 460800',
    'AA 91 7B 0A 85'
  ),
  response(
    'A22',
    'AA 56 00 20 00 03 E8 01 01 85',
    0,
    '20 00 03 E8 01 01',
    'value error: saturation, 1000 min, channel 1 positive and negative',
    'AA 91 43 01 85'
  ),
  response(
    'A23',
    'AA 54 00 81 00 00 03 85',
    0,
    '81 00 00 03',
    'DIO type threshold inverted, channel 3',
    'AA 91 5B 02 85'
  ),
  response('A24', 'AA 54 00 FF FF FB 2E 85', 0, 'FF FF FB 2E', 'tare -1234'),
  response('A25a', 'AA 50 52 85', 0x52, '', 'wrong data', 'AA 93 81 01 00 10 85'),
  response('A25b', 'AA 50 5B 85', 0x5b, '', 'wrong number of parameters'),
  response('A25c', 'AA 50 75 85', 0x75, '', 'no write access'),
  response('A26', 'AA 50 01 85', 0x01, '', 'OK, more parameters changed: success'),
  response('A27', `AA 5F 00 ${FIFTEEN} 85`, 0, FIFTEEN, 'long response of 15 bytes (byte 2 is a length)'),
  response('A28', `AA 5F 05 ${TWENTY} 85`, 0, TWENTY, 'long response of 20 bytes'),
  response('A29', `AA 7F 05 ${TWENTY} 7C 85`, 0, TWENTY, 'long response of 20 bytes with CRC-8'),
  response('A30', 'AA 54 00 00 3C F3 CF 85', 0, '00 3C F3 CF', 'raw value 0x003CF3CF: half of the range')
]

/** Measured frames. @internal */
export const MEASURED = {
  M1: 'AA 37 B0 C1 C7 CD 38 3F E6 19 7E 3F C0 B6 0B BF 49 7E 95 40 22 DD 1D 3F B2 11 53 3E E6 C3 72 3F 92 65 3B E7 6E 85',
  M2: 'AA 15 B0 BD FA 09 F3 BF 86 66 66 3F 86 66 66 3F 86 66 66 BE 1E E2 0A BF 86 66 66 85',
  M3: 'AA 15 B0 3A 49 9B 2C BF 86 66 66 BF 5C D4 2D BF 4E E3 26 B9 A8 01 50 BF 86 66 66 85',
  M4: 'AA 15 B0 BC 40 27 E6 BF 86 66 66 BE DC 40 93 BE 50 BA A2 BC 8C B4 4C BF 86 66 66 85',
  M5: 'AA 17 B0 00 00 00 00 3F 80 00 00 BF 80 00 00 3F 00 00 00 BE 80 00 00 40 00 00 00 42 C8 00 00 C0 60 00 00 85',
  M6: 'AA 17 91 00 00 06 18 80 00 F9 E7 FF FF 80 00 80 00 80 00 85',
  M7: 'AA 17 A2 00 00 00 06 18 62 80 00 00 F9 E7 9E FF FF FF 80 00 00 80 00 00 80 00 00 85',
  M8: 'AA 15 90 86 18 79 E7 00 00 7F FF 80 00 FF FF 85',
  M9: 'AA 31 90 80 00 F9 E7 EF FD 85',
  M10: 'AA 31 A0 80 00 00 F9 E7 9E 27 70 85',
  M11: 'AA 30 B0 3F 80 00 00 49 CD 85',
  M12: 'AA 10 90 06 18 85',
  M13: 'AA 11 B0 85 AA 85 85 3F 80 00 00 85',
  M14: 'AA 17 90 80 00 80 01 80 02 80 03 80 04 80 05 80 06 80 07 85'
} as const

/** A measured frame and what it decodes to. @internal */
export interface MeasuredVector {
  readonly name: keyof typeof MEASURED
  readonly layout: FrameLayout
  readonly encoding: IntegerEncoding
  readonly flags: number
  /** Physical (float32) or parts of the nominal range, to seven decimals; in the order of the frame. */
  readonly values: readonly number[]
}

const measured = (
  name: keyof typeof MEASURED,
  [objects, dataType, crc]: [number, FrameLayout['dataType'], boolean],
  values: readonly number[],
  flags = 0,
  encoding: IntegerEncoding = 'offset'
): MeasuredVector => ({ name, layout: { objects, dataType, crc }, encoding, flags, values })

const STEP = 1.05 / 32_768

/** What the measured frames decode to. @internal */
export const MEASURED_VALUES: readonly MeasuredVector[] = [
  measured(
    'M1',
    [8, 'float32', true],
    [-24.9752045, 1.79765296, 1.50555551, -0.78708774, 2.54474568, 1.39115369, 0.45070988, 1.14371431]
  ),
  measured('M2', [6, 'float32', false], [-0.12208929, -1.05, 1.05, 1.05, -0.15515915, -1.05]),
  measured('M3', [6, 'float32', false], [0.00076906639, -1.05, -0.86261255, -0.80815351, -0.00032044435, -1.05]),
  measured('M4', [6, 'float32', false], [-0.01172826, -1.05, -0.43018016, -0.20383695, -0.01717582, -1.05]),
  measured('M5', [8, 'float32', false], [0, 1, -1, 0.5, -0.25, 2, 100, -3.5]),
  measured('M6', [8, 'int16', false], [-1.05, -1.0000122, 0, 0.9999802, 1.049968, 0, 0, 0], 1),
  measured('M7', [8, 'int24', false], [-1.05, -0.99999994, 0, 0.99999994, 1.04999987, 0, 0, 0], 2),
  measured('M8', [6, 'int16', false], [-1.0000122, 0.9999802, 0, 1.049968, -1.05, -0.000032], 0, 'signed'),
  measured('M9', [2, 'int16', true], [0, 0.9999802]),
  measured('M10', [2, 'int24', true], [0, 0.99999994]),
  measured('M11', [1, 'float32', true], [1]),
  measured('M12', [1, 'int16', false], [-1.0000122]),
  measured('M13', [2, 'float32', false], [-1.6036e-35, 1]),
  measured(
    'M14',
    [8, 'int16', false],
    [0, 1, 2, 3, 4, 5, 6, 7].map((raw) => raw * STEP)
  )
]
