import { field } from '../field.ts'
import { CHANNEL, FLAGS32, LINE, LINE_OR_ALL } from './fields.ts'
import { GSV8, read, since, write, writeRam } from './row.ts'

const LATER = since('any', '3.29')
const GROUP = field('group', 'u8', { note: '1 to 4; 0 = all' })
const DIRECTION = field('direction', 'u8', { note: '0 out, 1 in; group 0: bit n = group n + 1' })
const TYPE = field('type', 'u24')
const ASSIGNED = field('channel', 'u8', { note: 'assigned channel' })
const LEVEL = field('level', 'u16', { note: '0 or 1; line 0: bit 0 = line 1' })
const WHICH = field('which', 'u8', { note: '0 lower, 1 upper' })
const THRESHOLD = field('threshold', 'f32')
const TEDS = since('any', '3.10')
const BYTES4 = field('data', 'bytes(4)')
const COUNTER = field('setting', 'u8', {
  note: 'bits 7 to 4 counter; bits 3 to 0: 0 flags, 1 gate time, 2 start value'
})
const COUNTERS = { 'gsv-8': '1.45', 'gsv-6bt': '3.11' }

/** Digital lines, TEDS memories and counters. @internal */
export const lineCommands = [
  read(0x59, 'GetDIOdirection', GSV8, [GROUP], [DIRECTION]),
  write(0x5a, 'SetDIOdirection', GSV8, [GROUP, DIRECTION]),
  read(0x5b, 'GetDIOtype', since('any', '3.27'), [LINE], [TYPE, ASSIGNED]),
  write(0x5c, 'SetDIOtype', since('any', '3.27'), [LINE_OR_ALL, TYPE, ASSIGNED], { note: 'line 0: GSV-8 only' }),
  read(0x5d, 'GetDIOlevel', LATER, [LINE_OR_ALL], [LEVEL], { note: 'never inverted' }),
  write(0x5e, 'SetDIOlevel', since('any', 'any'), [LINE_OR_ALL, LEVEL], { note: 'general purpose outputs only' }),
  read(0x5f, 'ReadDIOthreshold', LATER, [LINE, WHICH], [THRESHOLD]),
  write(0x60, 'WriteDIOthreshold', LATER, [LINE_OR_ALL, WHICH, THRESHOLD]),
  read(0x61, 'GetDIOinitialLevel', LATER, [LINE_OR_ALL], [LEVEL]),
  write(0x62, 'SetDIOinitialLevel', LATER, [LINE_OR_ALL, LEVEL]),
  read(
    0x64,
    'ReadTEDSdataEntry',
    GSV8,
    [
      CHANNEL,
      field('template', 'u8', { note: '0 basic, 25, 33, 35' }),
      field('property', 'u8'),
      field('index', 'u8', { note: '0' })
    ],
    [
      field('next', 'u8', { note: 'next property, 0 = end' }),
      field('kind', 'u8', { note: 'type of the value; from 0x80 there is none' }),
      field('value', 'u32', { note: 'f32 for kind 1', instead: { type: 'f32', field: 'kind', from: 1, to: 1 } })
    ]
  ),
  read(0x65, 'ReadTEDSrawArray', TEDS, [CHANNEL, field('address', 'u16', { note: 'a multiple of 4' })], [BYTES4]),
  writeRam(0x66, 'WriteTEDSbytes', GSV8, [
    CHANNEL,
    field('address', 'u8', { note: 'a multiple of 4, below 64' }),
    BYTES4
  ]),
  write(0x67, 'StoreTEDSdata', GSV8, [
    CHANNEL,
    field('address', 'u16', { note: 'of a bit' }),
    field('bits', 's16', { note: '> 0: TEDS data, a checksum is added; < 0: raw, from firmware 1.53' })
  ]),
  read(0x68, 'GetTEDSactive', TEDS, [], [FLAGS32], { note: 'bits 7 to 0: channels; GSV-6: bit 0' }),
  read(0x69, 'ReadCounterFreqMode', COUNTERS, [COUNTER], [field('value', 'u32')]),
  write(0x6a, 'WriteCounterFreqMode', COUNTERS, [COUNTER, field('value', 'u32')], {
    note: 'may change the number of objects in a frame'
  })
] as const
