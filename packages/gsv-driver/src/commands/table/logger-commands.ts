import { field } from '../field.ts'
import { CHANNEL_OR_ALL, INDICATOR } from './fields.ts'
import { action, GSV6BT, read, write } from './row.ts'

const CLOCK = field('index', 'u8', {
  note: '0 now, 1 interval of the alarm, 2 reserved, 3 offset to UTC, 4 trim (from firmware 3.35)'
})
const TIME = [
  field('year', 'u8', { note: 'since 2000' }),
  field('month', 'u8'),
  field('day', 'u8'),
  field('hour', 'u8'),
  field('minute', 'u8'),
  field('second', 'u8')
] as const
const SETTING = field('index', 'u8', {
  note: '0 flags, 1 alarm mode, 2 directory, file and format, 3 rows in a file, 4 decimation, 5 multiplication'
})
const NAME = field('name', 'ascii(13)')

/** Clock, card and text of the logger GSV-6BT. @internal */
export const loggerCommands = [
  read(0x6b, 'ReadClockTime', { 'gsv-6bt': '3.14' }, [CLOCK], [INDICATOR, ...TIME]),
  write(0x6c, 'WriteClockTime', GSV6BT, [CLOCK, INDICATOR, ...TIME]),
  read(0x6d, 'ReadLoggerSettings', GSV6BT, [SETTING], [field('value', 'u32')]),
  write(0x6e, 'WriteLoggerSettings', GSV6BT, [SETTING, field('value', 'u32')]),
  action(0x6f, 'ControlLogger', GSV6BT, [
    field('action', 'u8', {
      note: '0 finish, 1 log a row, 2 start, 3 new file, 4 mount, 5 unmount, 0x40 reset the alarm, 0x41 and start it'
    })
  ]),
  read(
    0x70,
    'QueryFileSystem',
    GSV6BT,
    [field('control', 'u8', { note: '0 first, 1 next, 0xfe last directory, 0xff last file' }), field('level', 'u8')],
    [field('flags', 'u8', { note: 'bit 0 directory, bit 1 name pattern is known, bit 7 no more entries' }), NAME]
  ),
  action(0x71, 'OpenFileDir', GSV6BT, [field('control', 'u8', { note: '0 file, 1 directory, 2 last file' }), NAME]),
  read(
    0x72,
    'GetFileInfo',
    GSV6BT,
    [],
    [field('level', 'u8'), field('attributes', 'u8'), field('size', 'u32'), ...TIME]
  ),
  read(0x73, 'ReadFile', GSV6BT, [], [field('data', 'bytes', { note: '0 to 15 bytes' })]),
  read(
    0x74,
    'ReadFileExtended',
    { 'gsv-6bt': '3.20' },
    [field('max', 'u16', { note: '2 to 270' })],
    [field('data', 'bytes', { note: '0 to 270 bytes' })],
    { note: 'transmission must be stopped' }
  ),
  read(
    0x75,
    'ReadValueString',
    { 'gsv-6': '3.13' },
    [CHANNEL_OR_ALL, field('flags', 'u8', { note: 'bit 0 with unit, bit 1 always 15 characters' })],
    [field('text', 'text', { note: 'values separated by tabs, up to 127 characters' })],
    {
      note: 'channel 7 counter, 8 temperature, 9 supply; channel 0 while transmission is stopped'
    }
  )
] as const
