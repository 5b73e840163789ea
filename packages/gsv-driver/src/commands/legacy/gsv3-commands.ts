import { field } from '../field.ts'
import type { GsvCommand } from '../gsv-command.ts'
import { action, read, write } from '../table/row.ts'

const GSV3 = { 'gsv-3': 'any' }
const RATE = [field('exponent', 'u8'), field('register', 'u16')] as const
const THRESHOLDS = [field('upper', 'u16'), field('lower', 'u16')] as const
const SET = field('set', 'u8')
const MODE = field('flags', 'u8', { note: 'bit 1 text, 2 maximum, 3 log, 4 window' })
const inferred = { access: 'open', unverified: true } as const
const open = { access: 'open' } as const

/** Commands of GSV-3 and GSV-3USB. Source: scripts of the manufacturer, the rest from a public program. @internal */
export const gsv3Commands = [
  action(0x09, 'GetAll', GSV3, [SET], { ...inferred, note: 'loads a stored set' }),
  write(0x0a, 'SaveAll', GSV3, [SET], inferred),
  action(0x0c, 'SetZero', GSV3, []),
  write(0x14, 'SetBipolar', GSV3, [], inferred),
  write(0x15, 'SetUnipolar', GSV3, [], inferred),
  read(0x1f, 'GetSerialNumber', GSV3, [], [field('serial', 'ascii(8)')], inferred),
  write(0x20, 'SetThreshold', GSV3, THRESHOLDS, open),
  read(0x21, 'GetThreshold', GSV3, [], THRESHOLDS),
  action(0x23, 'StopTransmission', GSV3, []),
  action(0x24, 'StartTransmission', GSV3, []),
  action(0x25, 'ClearBuffer', GSV3, [], inferred),
  write(0x26, 'SetMode', GSV3, [MODE], inferred),
  read(0x27, 'GetMode', GSV3, [], [MODE], inferred),
  action(0x3c, 'ClearMaximum', GSV3, [], inferred),
  read(0x89, 'GetSpecialMode', GSV3, [], [field('flags', 'u16')], inferred),
  write(0x8a, 'WriteSamplingRate', GSV3, RATE, { ...open, note: 'GSV-8 and GSV-6: the code that reads' }),
  read(0x8b, 'ReadSamplingRate', GSV3, [], RATE, { note: 'GSV-8 and GSV-6: the code that writes' })
] as const satisfies readonly GsvCommand[]
