import { field } from '../field.ts'
import { INDEX } from './fields.ts'
import { action, BOTH, GSV6, GSV8, read, since, write } from './row.ts'

const MAPPING = field('index', 'u8', { note: '0 number of objects, from 1 an object, 0x80 mapped digital lines' })
const TX_INDEX = field('index', 'u8', { note: '0 flags, 1 data type, 2 number of channels' })
const VALUE = field('value', 'u16')
const RATE = field('rate', 'f32', { unit: 'Hz' })
const DEBOUNCE = field('input', 'u8', { note: '1 TARA, 2 SCALE, 3 TRIGGER' })
const DEBOUNCE_TIME = field('time', 'u16', { unit: 'ms' })
const CAN_INDEX = field('index', 'u8', {
  note: '0 to 3 ids of command, response, value and multicast, 4 bit rate, 5 flags, 6 node id'
})
const CAN_VALUE = field('value', 'u32')

/** Transmission, its rate and its interfaces. @internal */
export const streamCommands = [
  read(
    0x01,
    'GetInterface',
    BOTH,
    [field('flags', 'u8', { note: 'taken over at every call' })],
    [field('frames', 'u8'), field('layout', 'u8'), field('protection', 'u8'), field('interfaces', 'u8')]
  ),
  action(0x23, 'StopTransmission', BOTH, [], { note: 'for this interface' }),
  action(0x24, 'StartTransmission', BOTH, [], { note: 'for this interface' }),
  action(0x25, 'ClearBufferAbortTX', GSV8, [], { note: 'USB: queued measured frames are thrown away' }),
  read(0x3b, 'GetValue', BOTH, [], [], {
    answer: 'measured',
    note: 'only while continuous transmission is off'
  }),
  read(0x49, 'GetTXmapping', since('1.45', '3.11'), [MAPPING], [VALUE]),
  write(0x4a, 'SetTXmapping', since('1.45', '3.11'), [MAPPING, VALUE], { note: 'index 0 or 0x80' }),
  read(
    0x63,
    'ReadDataRateRange',
    since('any', '3.41'),
    [field('index', 'u8', { note: '0 highest, 1 lowest' })],
    [RATE]
  ),
  action(0x7a, 'ReleaseInterface', GSV8, [], { note: 'gives write access to other interfaces' }),
  read(
    0x7b,
    'ReadInterfaceSetting',
    since('any', '3.33'),
    [INDEX],
    [field('next', 'u8', { note: '0 = end of the list' }), field('type', 'u8'), field('data', 'u32')]
  ),
  write(0x7c, 'WriteInterfaceSetting', since('any', '3.33'), [INDEX, field('data', 'u32')]),
  read(0x80, 'GetTXMode', BOTH, [TX_INDEX], [VALUE]),
  write(0x81, 'SetTXMode', BOTH, [TX_INDEX, VALUE], { note: 'index 0 or 1' }),
  read(0x86, 'ReadDebounceTime', GSV6, [DEBOUNCE], [DEBOUNCE_TIME]),
  write(0x87, 'WriteDebounceTime', GSV6, [DEBOUNCE, DEBOUNCE_TIME], { access: 'user', reset: true }),
  read(0x8a, 'ReadDataRate', BOTH, [], [RATE]),
  write(0x8b, 'WriteDataRate', BOTH, [RATE], { reset: true, note: 'read back: the device may take another rate' }),
  read(0x8c, 'GetCANSetting', BOTH, [CAN_INDEX], [CAN_VALUE], { note: 'models with CAN' }),
  write(0x8d, 'SetCANSetting', BOTH, [CAN_INDEX, CAN_VALUE], { reset: true, note: 'models with CAN' })
] as const
