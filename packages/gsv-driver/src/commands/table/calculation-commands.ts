import { field } from '../field.ts'
import { CHANNEL, CHANNEL_OR_ALL, FLAGS32, INDEX } from './fields.ts'
import { action, BOTH, GSV6, GSV8, read, write, writeRam } from './row.ts'

const ELEMENT = field('type', 'u8', { note: 'kind of element' })
const SENSOR_VALUE = field('value', 'f32', {
  note: 'u32 for type 0',
  instead: { type: 'u32', field: 'type', from: 0, to: 0 }
})
const FILTER = field('filter', 'u8', { note: 'filter type' })
const CUTOFF = field('index', 'u8', { note: '0 lower, 1 upper' })
const FREQUENCY = field('frequency', 'f32', { unit: 'Hz' })
const COEFFICIENT = field('index', 'u8', { note: 'IIR: 0x00 to 0x04 A, 0x10 to 0x13 B; FIR: 0x80 to 0x87' })
const FIXED = field('coefficient', 's7.24')
const FLOAT = field('coefficient', 'f32')
const KIND = field('kind', 'u8', { note: 'kind and channel' })
const POINT = field('index', 'u8', { note: '0 to 17' })
const POINT_VALUE = field('value', 'f32', {
  note: 'u32 for kinds 0x20 to 0x25',
  instead: { type: 'u32', field: 'kind', from: 0x20, to: 0x25 }
})

/** Filters, six-axis sensors, linearisation. @internal */
export const calculationCommands = [
  read(0x47, 'ReadFTSensorCal', BOTH, [ELEMENT, INDEX], [SENSOR_VALUE]),
  writeRam(0x48, 'WriteFTSensorCal', BOTH, [ELEMENT, INDEX, SENSOR_VALUE], { accessOn: { 'gsv-8': 'user' } }),
  read(0x4b, 'GetDigiFiltType', BOTH, [CHANNEL, field('kind', 'u8', { note: '0x00 IIR, 0x80 FIR' })], [FILTER]),
  writeRam(0x4c, 'SetDigiFiltType', BOTH, [CHANNEL_OR_ALL, FILTER]),
  read(0x4d, 'ReadDigiFiltCutOff', BOTH, [CHANNEL, CUTOFF], [FREQUENCY], { note: 'for information only' }),
  writeRam(0x4e, 'WriteDigiFiltCutOff', BOTH, [CHANNEL_OR_ALL, CUTOFF, FREQUENCY]),
  read(0x4f, 'ReadDigiFiltCoeff', GSV8, [CHANNEL, COEFFICIENT], [FIXED]),
  read(0x4f, 'ReadDigiFiltCoeff', GSV6, [CHANNEL, COEFFICIENT], [FLOAT]),
  writeRam(0x50, 'WriteDigiFiltCoeff', GSV8, [CHANNEL_OR_ALL, COEFFICIENT, FIXED]),
  writeRam(0x50, 'WriteDigiFiltCoeff', GSV6, [CHANNEL_OR_ALL, COEFFICIENT, FLOAT]),
  read(0x51, 'GetDfiltOnOff', BOTH, [], [FLAGS32]),
  write(0x52, 'SetDfiltOnOff', BOTH, [FLAGS32]),
  read(
    0x54,
    'GetFTSensorCalArrNo',
    BOTH,
    [],
    [field('max', 'u8', { note: 'structures that fit' }), field('stored', 'u8'), field('active', 'u8')]
  ),
  write(
    0x55,
    'SetFTSensorCalArrNo',
    BOTH,
    [field('index', 'u8', { note: 'GSV-8 from firmware 1.61: bits 7 to 4 = index + 1 of a second sensor' })],
    { reset: true }
  ),
  action(0x7d, 'PrepReadFTsensor', BOTH, [INDEX]),
  write(0x7e, 'StoreDigiFilt', BOTH, [
    field('first', 'u8', { note: 'channel index 0 to 5; GSV-8: ignored' }),
    field('last', 'u8', { note: 'channel index 0 to 5; GSV-8: ignored' })
  ]),
  write(
    0x7f,
    'StoreFTSensorCal',
    BOTH,
    [field('index', 'u8', { note: 'without holes; GSV-8: 0xff erases the last one' })],
    {
      access: 'user'
    }
  ),
  read(0x90, 'ReadAnalogueFilter', GSV8, [], [field('frequency', 'u16', { unit: 'Hz' })]),
  write(0x91, 'WriteAnalogueFilter', GSV8, [FREQUENCY], {
    alternative: [field('frequency', 'u16', { unit: 'Hz' })],
    note: 'devices that were tried refuse the f32 of the specification with 0x5b and want a u16; automatic filter must be off'
  }),
  read(0x9c, 'ReadLinearizationValue', GSV6, [KIND, POINT], [POINT_VALUE], { note: 'second hardware' }),
  writeRam(0x9d, 'WriteLinearizationValue', GSV6, [KIND, POINT, POINT_VALUE], { note: 'second hardware' }),
  write(0x9e, 'StoreLinearization', GSV6, [], { access: 'user', note: 'second hardware; points must ascend' })
] as const
