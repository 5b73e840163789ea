import { field } from '../field.ts'
import { CHANNEL, FLAGS32, INDEX, INDICATOR } from './fields.ts'
import { action, BOTH, GSV6, GSV8, read, since, write } from './row.ts'

const SET = field('set', 'u8', { note: '0 actual or last stored, 1 defaults, 2 to 7 of the user' })
const OPERATOR = field('operator', 'ascii(8)')
const MODEL = field('model', 'text', { note: '1 to 15 characters' })
const DATE = [
  field('year', 'u8', { note: 'since 2000' }),
  field('month', 'u8'),
  field('day', 'u8'),
  field('hour', 'u8')
] as const
const SERIAL = field('serial', 'u32', { note: '1 to 99999999' })
const TEXT8 = field('serial', 'ascii(8)')
const PROHIBIT = field('flags', 'u16', { note: 'bit n = channel n + 1, bits 0 to 9' })
const HOURS = field('hours', 'f32', { unit: 'h' })

/** Status, identity, stored configurations, errors. @internal */
export const stateCommands = [
  write(0x00, 'ResetStatus', BOTH, [], {
    direction: 'write-action',
    note: 'clears protocol errors; GSV-8 also measuring faults whose cause is gone'
  }),
  write(0x09, 'LoadConfig', BOTH, [SET], {
    direction: 'write-action',
    note: 'GSV-6 has sets 0 and 1, and loads for the time being: StoreConfig with 0 keeps it'
  }),
  write(0x0a, 'StoreConfig', BOTH, [SET], { note: 'set 1 belongs to the manufacturer' }),
  read(0x17, 'ReadCal', BOTH, [CHANNEL, INDEX], [field('value', 'bytes(4)', { note: 'f32 or s32 by index' })], {
    accessOn: { 'gsv-6': 'manufacturer' }
  }),
  write(0x18, 'MEwriteCal', BOTH, [CHANNEL, INDEX, field('value', 'bytes(4)', { note: 'f32 or s32 by index' })], {
    access: 'manufacturer'
  }),
  action(0x19, 'MEsetID', BOTH, [field('id', 'ascii(4)', { secret: true })], {
    note: 'after three wrong ids even the right one is refused until the next start'
  }),
  read(0x1a, 'MEgetIDstate', BOTH, [], [field('state', 'u8', { note: '0 none, 0x08 user, 0x10 manufacturer' })]),
  read(0x1b, 'ReadSensorModel', since('1.39', '3.47'), [], [MODEL]),
  write(0x1c, 'WriteSensorModel', since('1.39', '3.47'), [MODEL], { access: 'user' }),
  read(0x1d, 'ReadCalOperator', { 'gsv-8': '1.40' }, [], [OPERATOR]),
  write(0x1e, 'WriteCalOperator', { 'gsv-8': '1.40' }, [OPERATOR], { access: 'manufacturer' }),
  read(0x1f, 'GetSerNo', BOTH, [], [SERIAL], { note: 'not set: 0xffffffff or 0 (GSV-6), 1234567 (GSV-8)' }),
  write(0x20, 'MEsetSerNo', BOTH, [SERIAL], { access: 'manufacturer' }),
  read(0x21, 'ReadCalDate', { 'gsv-8': '1.40' }, [], DATE),
  write(0x22, 'WriteCalDate', { 'gsv-8': '1.40' }, DATE, { access: 'manufacturer' }),
  read(0x26, 'GetMode', BOTH, [], [FLAGS32]),
  write(0x27, 'SetMode', BOTH, [FLAGS32], { reset: true, note: 'read, change and write; keep unknown bits' }),
  read(0x2a, 'GetSoftwareConfiguration', since('any', '3.29'), [], [FLAGS32]),
  read(0x2b, 'FirmwareVersion', BOTH, [], [field('major', 'u16'), field('minor', 'u16')]),
  read(0x32, 'GetProhibitSetZero', { 'gsv-8': '1.54' }, [], [PROHIBIT]),
  write(0x33, 'WriteProhibitSetZero', { 'gsv-8': '1.54' }, [PROHIBIT], { access: 'user' }),
  read(0x36, 'GetHardwareVersion', BOTH, [], [field('main', 'u16'), field('daughter', 'u16')], { note: '0 on GSV-6' }),
  read(0x37, 'GetCustomSerNo', { 'gsv-6': '3.33' }, [], [INDICATOR, TEXT8]),
  write(0x38, 'SetCustomSerNo', GSV6, [INDICATOR, TEXT8], { access: 'manufacturer' }),
  read(0x39, 'GetManufacturerSerNo', { 'gsv-6': '3.33' }, [], [SERIAL]),
  read(
    0x42,
    'GetLastProtocolError',
    BOTH,
    [field('index', 'u8', { note: '0 synchronous, 1 asynchronous' })],
    [field('error', 'u32', { note: 'a status code' })]
  ),
  read(0x43, 'GetLastValueError', BOTH, [INDEX], [field('fault', 'bytes(6)')]),
  write(0x44, 'EraseErrorMemory', GSV8, [], { direction: 'write-action', access: 'user' }),
  read(0x45, 'GetSensorPlugged', GSV8, [], [FLAGS32]),
  read(
    0x56,
    'ReadDeviceHours',
    { 'gsv-8': 'any', 'gsv-6bt': 'any' },
    [field('index', 'u8', { note: '0 absolute, 1 settable' })],
    [HOURS]
  ),
  write(0x57, 'WriteDeviceHours', { 'gsv-8': 'any', 'gsv-6bt': 'any' }, [HOURS], {
    access: 'user',
    note: 'one list of the specification says 1 byte'
  }),
  write(0x58, 'SetPassword', GSV8, [field('password', 'ascii(4)', { secret: true })], { access: 'user' }),
  action(0x77, 'MEPrepareSpecialMode', GSV6, [field('signature', 'bytes(4)')], {
    access: 'manufacturer',
    note: 'boot loader'
  }),
  action(0x78, 'ResetDevice', { 'gsv-6': '3.10' }, [], { answer: 'none', note: 'takes about 700 ms' }),
  read(0x79, 'Get1WireTempValue', {}, [], [field('temperature', 'f32', { unit: 'Cel' })], {
    unverified: true,
    note: 'in no specification; known from a program whose own test was refused'
  }),
  write(0x92, 'SwitchBlocking', since('any', '3.30'), [field('key', 'ascii(4)', { note: 'ULKa, BlkA, ULKt, BlkT' })], {
    access: 'open',
    note: 'unlocking needs the id of the user; ULKt and BlkT are for the interface in use (not GSV-8)'
  }),
  read(0x93, 'GetCommandAvailable', BOTH, [field('high', 'u8'), field('low', 'u8', { note: '<= high' })], [], {
    note: 'status 0x00: all are there, 0x41: one or more are missing'
  })
] as const
