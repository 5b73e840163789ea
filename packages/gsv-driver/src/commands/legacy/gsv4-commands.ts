import { field } from '../field.ts'
import type { GsvCommand } from '../gsv-command.ts'
import { action, read, write } from '../table/row.ts'

const GSV4 = { 'gsv-4': 'any' }
const RATE = field('rate', 'u8', { note: 'rate code, 0xa0 to 0xac' })
const STATUS = field('status', 'u8', { note: 'bit 1 now, bit 0 after power-on' })
const INPUTS = [field('input1', 'u8'), field('input2', 'u8'), field('input3', 'u8'), field('input4', 'u8')] as const
const DATA = field('data', 'bytes', { note: 'not known' })
const inferred = { access: 'open', unverified: true } as const
const open = { access: 'open' } as const

/** Commands of the GSV-4. Source: its operating manual and scripts of the manufacturer. @internal */
export const gsv4Commands = [
  action(0x0c, 'SetZero', GSV4, [field('channel', 'u8')]),
  write(0x12, 'SetRate', GSV4, [RATE], { ...open, note: 'an example of the manual sends the rate code alone' }),
  read(0x16, 'GetRate', GSV4, [], [RATE]),
  read(0x1f, 'GetSerialNumber', GSV4, [], [field('serial', 'ascii(8)')]),
  action(0x23, 'StopTransmission', GSV4, []),
  action(0x24, 'StartTransmission', GSV4, []),
  action(0x26, 'UnlockConfiguration', GSV4, [
    field('unlock', 'u8', { note: '1 unlock, 0 lock' }),
    field('key', 'ascii(6)', { note: 'berlin' })
  ]),
  write(0x28, 'SetTXStatus', GSV4, [STATUS], inferred),
  read(0x29, 'GetTXStatus', GSV4, [], [STATUS]),
  read(0x2b, 'FirmwareVersion', GSV4, [], [field('version', 'u8')]),
  read(0x3b, 'GetValue', GSV4, [], [], { answer: 'measured' }),
  write(0xb2, 'SetInput', GSV4, [field('channel', 'u8'), field('type', 'u8')], open),
  read(0xb3, 'GetInputs', GSV4, [], INPUTS),
  read(0xbf, 'GetDigitalPort', GSV4, [DATA], [DATA], inferred),
  write(0xc0, 'SetCANBitRate', GSV4, [DATA], inferred),
  read(0xc1, 'GetCANBitRate', GSV4, [], [DATA], inferred),
  write(0xc5, 'SetCANId', GSV4, [DATA], inferred),
  read(0xc6, 'GetCANId', GSV4, [DATA], [DATA], inferred)
] as const satisfies readonly GsvCommand[]
