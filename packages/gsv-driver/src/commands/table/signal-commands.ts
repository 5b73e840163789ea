import { field } from '../field.ts'
import { CHANNEL, CHANNEL_OR_ALL, INDICATOR } from './fields.ts'
import { action, BOTH, GSV6, GSV8, read, since, write } from './row.ts'

const TARE = field('tare', 's32', { note: 'raw value of the converter' })
const OFFSET = field('percent', 'f32', { unit: '%', note: '-60 to 60' })
const SCALE = field('scale', 'f32')
const OFFSET_VALUE = field('offset', 'f32')
const OUTPUT = field('type', 'u8', { note: 'type of analog output' })
const OUTPUT_MODE = field('mode', 'u8', { note: 'flags; GSV-6: 0' })
const UNIT = field('unit', 'u8', { note: 'unit code' })
const SLOT = field('slot', 'u8', { note: '0 or 1' })
const UNIT_TEXT = field('text', 'ascii(8)')
const SENSE = field('sense', 'u8', { note: 'GSV-8: 0xff = the active type, 0 to 7 = that type; GSV-6: 0 = active' })
const RANGE = 'range * 100'
const THRESHOLD = field('threshold', 'f32')
const ZERO_ITEM = field('item', 'u8', { note: '0 period in s, 1 threshold' })
const ZERO_PROPERTY = field('item', 'u8', { note: '0 channels it applies to, 1 channels with threshold, 2 mode' })
const AUTO_ZERO = { 'gsv-8': '1.39' }
const DIGITS = field('digits', 'u8', { note: '1 to 8; for the text format only' })

/** Zero, scale, unit, input and analog output of the channels. @internal */
export const signalCommands = [
  read(0x02, 'ReadZero', BOTH, [CHANNEL], [TARE]),
  write(0x03, 'WriteZero', BOTH, [CHANNEL_OR_ALL, TARE], { accessOn: { 'gsv-8': 'user' } }),
  read(0x04, 'ReadAoutOffset', BOTH, [CHANNEL], [OFFSET], { note: 'GSV-6: channel 1 only' }),
  write(0x05, 'WriteAoutOffset', BOTH, [CHANNEL_OR_ALL, OFFSET], { reset: true }),
  read(0x06, 'ReadAoutScale', BOTH, [CHANNEL], [SCALE]),
  write(0x07, 'WriteAoutScale', BOTH, [CHANNEL_OR_ALL, SCALE], { note: 'GSV-6: scales the whole chain' }),
  write(0x08, 'WriteAoutDirect', GSV8, [CHANNEL_OR_ALL, field('code', 'u16', { note: 'of the converter' })], {
    note: 'in direct mode only'
  }),
  write(0x0c, 'SetZero', BOTH, [CHANNEL_OR_ALL], { direction: 'write-action' }),
  read(0x0d, 'GetAoutType', since('any', '3.29'), [CHANNEL], [OUTPUT, OUTPUT_MODE]),
  write(0x0e, 'SetAoutType', since('any', '3.29'), [CHANNEL_OR_ALL, OUTPUT, OUTPUT_MODE]),
  read(0x0f, 'GetUnitNo', BOTH, [CHANNEL], [UNIT]),
  write(0x10, 'SetUnitNo', BOTH, [CHANNEL_OR_ALL, UNIT]),
  read(0x11, 'GetUnitText', GSV8, [SLOT], [UNIT_TEXT]),
  read(0x11, 'GetUnitText', GSV6, [SLOT], [INDICATOR, UNIT_TEXT]),
  write(0x12, 'SetUnitText', GSV8, [SLOT, UNIT_TEXT]),
  write(0x12, 'SetUnitText', GSV6, [SLOT, INDICATOR, UNIT_TEXT]),
  read(0x14, 'ReadUserScale', BOTH, [CHANNEL], [SCALE]),
  write(0x15, 'WriteUserScale', BOTH, [CHANNEL_OR_ALL, SCALE], {
    note: 'no effect where a six-axis sensor is calculated'
  }),
  write(
    0x34,
    'MEwriteInputRange',
    GSV8,
    [CHANNEL, field('type', 'u8', { note: '1 to 4' }), field('range', 'u32', { note: RANGE })],
    {
      access: 'manufacturer'
    }
  ),
  write(
    0x34,
    'MEwriteInputRange',
    GSV6,
    [CHANNEL_OR_ALL, INDICATOR, field('range', 'u32', { note: '800, 400, 200, 100 = 8, 4, 2, 1 mV/V' })],
    {
      reset: true,
      note: 'channel 0 only; with firmware before 3.11 for the manufacturer only'
    }
  ),
  action(0x35, 'SetInjectValOrOffset', GSV8, [
    field('mode', 'u8', {
      note: '0 normal, 1 test value of half the range on all channels, 2 zero of the factory, 3 zero of the six-axis calibration'
    })
  ]),
  read(0x3a, 'GetRawValue', BOTH, [CHANNEL], [field('raw', 's32')]),
  action(0x3c, 'ClearMaxValue', BOTH, [CHANNEL_OR_ALL]),
  read(0x3d, 'GetDigits', { 'gsv-8': '1.62' }, [CHANNEL], [DIGITS], {
    alternative: [CHANNEL, INDICATOR],
    note: 'the specification says 2 bytes but lists one'
  }),
  write(0x3e, 'SetDigits', { 'gsv-8': '1.62' }, [CHANNEL_OR_ALL, DIGITS]),
  read(0x40, 'GetDACarray', { 'gsv-8': '1.62' }, [], [field('codes', 'u16(8)')]),
  write(0x41, 'SetDACsync', { 'gsv-8': '1.62' }, [
    field('channels', 'u8', { note: '0x01 to 0x0f: channels 1 to 4; 0x10 to 0xf0: channels 5 to 8' }),
    field('codes', 'u16(4)')
  ]),
  read(0x53, 'ReadMaxMinVal', GSV8, [CHANNEL], [field('max', 'f32'), field('min', 'f32')]),
  read(0x53, 'ReadMaxMinVal', GSV6, [CHANNEL], [INDICATOR, field('max', 'f32'), field('min', 'f32')]),
  read(0x94, 'ReadNoiseCutThreshold', GSV8, [CHANNEL], [THRESHOLD]),
  write(0x95, 'WriteNoiseCutThreshold', GSV8, [CHANNEL_OR_ALL, THRESHOLD], { note: '> 0' }),
  read(0x96, 'ReadAutoZeroSetting', AUTO_ZERO, [ZERO_ITEM, CHANNEL], [field('value', 'f32')]),
  write(0x97, 'WriteAutoZeroSetting', AUTO_ZERO, [ZERO_ITEM, CHANNEL_OR_ALL, field('value', 'f32')]),
  read(0x98, 'GetAutoZeroProperty', AUTO_ZERO, [ZERO_PROPERTY, field('ignored', 'zero')], [field('value', 'u16')]),
  write(0x99, 'SetAutoZeroProperty', AUTO_ZERO, [ZERO_PROPERTY, field('ignored', 'zero'), field('value', 'u16')]),
  read(0x9a, 'ReadUserOffset', BOTH, [CHANNEL], [OFFSET_VALUE]),
  write(0x9b, 'WriteUserOffset', BOTH, [CHANNEL_OR_ALL, OFFSET_VALUE]),
  read(0xa2, 'GetInputType', GSV8, [CHANNEL, SENSE], [field('type', 'u8'), field('range', 'u32', { note: RANGE })]),
  read(0xa2, 'GetInputType', GSV6, [CHANNEL, SENSE], [field('type', 'u8'), field('range', 'u24', { note: RANGE })], {
    note: 'older firmware has a range of 4 bytes, which decodes alike up to 2^24'
  }),
  write(0xa3, 'SetInputType', { 'gsv-8': 'any', 'gsv-6bt': '3.43' }, [CHANNEL_OR_ALL, field('type', 'u8')], {
    note: 'GSV-8: resets zero and user scale of the channel'
  })
] as const
