import { field } from '../field.ts'
import type { GsvCommand } from '../gsv-command.ts'
import { action, read, write } from '../table/row.ts'

const GSV2 = { 'gsv-2': 'any' }
const REGISTER = field('register', 'u24')
const OFFSET = field('offset', 'u16')
const CODE = field('code', 'u8')
const UNIT = field('unit', 'u8')
const NORM = field('register', 'u24', { note: '0x100594 to 0x7f26e8' })
const POINT = field('point', 'u8', { note: 'places after the point + 1' })
const THRESHOLDS = [field('upper', 'u16'), field('lower', 'u16')] as const
const MODE = field('flags', 'u8')
const TEXT8 = field('serial', 'ascii(8)')
const DATA = field('data', 'bytes', { note: 'not known' })
const inferred = { access: 'open', unverified: true } as const
const open = { access: 'open' } as const

/** From the manual; everybody may write. */
const documented = [
  action(0x00, 'ResetStatus', GSV2, []),
  read(0x01, 'ReadScale', GSV2, [], [REGISTER]),
  read(0x02, 'ReadZero', GSV2, [], [REGISTER]),
  read(0x03, 'ReadControl', GSV2, [], [REGISTER]),
  read(0x04, 'ReadOffset', GSV2, [], [OFFSET]),
  write(0x05, 'WriteScale', GSV2, [REGISTER], open),
  write(0x06, 'WriteZero', GSV2, [REGISTER], open),
  write(0x07, 'WriteControl', GSV2, [REGISTER], open),
  write(0x08, 'WriteOffset', GSV2, [OFFSET], open),
  action(0x09, 'GetAll', GSV2, [field('set', 'u8')], { note: 'loads a stored set' }),
  write(0x0a, 'SaveAll', GSV2, [field('set', 'u8')], open),
  write(0x0b, 'SetCal', GSV2, [], open),
  action(0x0c, 'SetZero', GSV2, []),
  action(0x0d, 'SetScale', GSV2, []),
  action(0x0e, 'SetOffset', GSV2, []),
  write(0x0f, 'SetUnit', GSV2, [UNIT], open),
  write(0x10, 'SetNorm', GSV2, [NORM], open),
  write(0x11, 'SetDecimalPoint', GSV2, [POINT], open),
  write(0x12, 'SetFrequency', GSV2, [field('register', 'u16')], open),
  write(0x13, 'SetGain', GSV2, [CODE], open),
  write(0x14, 'SetBipolar', GSV2, [], open),
  write(0x15, 'SetUnipolar', GSV2, [], open),
  read(0x16, 'ReadFrequency', GSV2, [], [REGISTER]),
  read(0x1a, 'GetNorm', GSV2, [], [NORM]),
  read(0x1b, 'GetUnit', GSV2, [], [UNIT]),
  read(0x1c, 'GetDecimalPoint', GSV2, [], [POINT]),
  action(0x1d, 'Switch', GSV2, [CODE]),
  read(0x1f, 'GetSerialNumber', GSV2, [], [TEXT8]),
  write(0x20, 'SetThreshold', GSV2, THRESHOLDS, { ...open, note: 'four bytes; upper and lower as on the GSV-3' }),
  read(0x21, 'GetThreshold', GSV2, [], THRESHOLDS),
  action(0x22, 'SetChannel', GSV2, [field('channel', 'u8')]),
  action(0x23, 'StopTransmission', GSV2, []),
  action(0x24, 'StartTransmission', GSV2, []),
  action(0x25, 'ClearBuffer', GSV2, []),
  write(0x26, 'SetMode', GSV2, [MODE], { ...open, note: 'GSV-8 and GSV-6: the code that reads' }),
  read(0x27, 'GetMode', GSV2, [], [MODE], { note: 'GSV-8 and GSV-6: the code that writes' }),
  read(0x29, 'GetEquipment', GSV2, [], [MODE]),
  read(0x2b, 'FirmwareVersion', GSV2, [], [field('major', 'u8'), field('minor', 'u8')]),
  write(0x2c, 'SetGaugeFactor', GSV2, [field('factor', 'u16')], inferred),
  read(0x2d, 'GetGaugeFactor', GSV2, [], [field('factor', 'u16')], inferred),
  write(0x2e, 'SetPoisson', GSV2, [field('ratio', 'u8')], inferred),
  read(0x2f, 'GetPoisson', GSV2, [], [field('ratio', 'u8')], inferred),
  write(0x30, 'SetBridgeType', GSV2, [CODE], inferred),
  read(0x31, 'GetBridgeType', GSV2, [], [CODE], inferred),
  write(0x32, 'SetRange', GSV2, [CODE], open)
] as const

/** From the names of a library of the manufacturer; parameters and answers are not known. */
const fromLibrary = [
  read(51, 'GetRange', GSV2, [], [DATA], inferred),
  read(54, 'GetOptions', GSV2, [], [DATA], inferred),
  read(56, 'ReadMemory', GSV2, [DATA], [DATA], inferred),
  write(57, 'WriteMemory', GSV2, [DATA], inferred),
  action(58, 'WaitMemory', GSV2, [DATA], inferred),
  read(59, 'GetValue', GSV2, [], [], { ...inferred, answer: 'measured' }),
  action(60, 'ClearMaximum', GSV2, [], inferred),
  write(61, 'SetDigits', GSV2, [DATA], inferred),
  read(62, 'GetDigits', GSV2, [], [DATA], inferred),
  action(63, 'UnlockDisplay', GSV2, [DATA], inferred),
  action(64, 'LockDisplay', GSV2, [DATA], inferred),
  read(66, 'GetLastError', GSV2, [], [DATA], inferred),
  write(67, 'SetSecondThreshold', GSV2, [DATA], inferred),
  read(68, 'GetSecondThreshold', GSV2, [], [DATA], inferred),
  read(69, 'GetDeviceType', GSV2, [], [DATA], inferred),
  action(70, 'CalculateNorm', GSV2, [DATA], inferred),
  write(0x80, 'SetTXMode', GSV2, [MODE], { ...inferred, note: 'bit 3: frames of 5 bytes; bit 7: handshake' }),
  read(0x81, 'GetTXMode', GSV2, [], [MODE], inferred),
  write(130, 'SetBaudRate', GSV2, [DATA], inferred),
  read(131, 'GetBaudRate', GSV2, [], [DATA], inferred),
  write(134, 'SetSlowRate', GSV2, [DATA], inferred),
  read(135, 'GetSlowRate', GSV2, [], [DATA], inferred),
  write(136, 'SetSpecialMode', GSV2, [DATA], inferred),
  read(137, 'GetSpecialMode', GSV2, [], [DATA], inferred),
  write(138, 'WriteSamplingRate', GSV2, [DATA], inferred),
  read(139, 'ReadSamplingRate', GSV2, [], [DATA], inferred),
  write(140, 'SetCAN', GSV2, [DATA], inferred),
  read(141, 'GetCAN', GSV2, [DATA], [DATA], inferred),
  write(144, 'SetAnalogueFilter', GSV2, [DATA], inferred),
  read(145, 'GetAnalogueFilter', GSV2, [], [DATA], inferred),
  write(161, 'SetAdaptiveFilter', GSV2, [DATA], inferred),
  read(162, 'GetRanges', GSV2, [], [DATA], inferred),
  read(168, 'GetSensorText', GSV2, [], [DATA], inferred)
] as const

/** Commands of the GSV-2. Source: its operating manual. @internal */
export const gsv2Commands = [...documented, ...fromLibrary] as const satisfies readonly GsvCommand[]
