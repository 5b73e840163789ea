/**
 * What a status code of a response means.
 *
 * @example
 * ```ts
 * import { statusOf, type GsvStatus } from '@messwerk/gsv-driver/commands'
 *
 * const status: GsvStatus = statusOf(0x71)
 * status.name // => 'ERR_ACC_BLK'
 * ```
 */
export interface GsvStatus {
  /** Of the specification; `unknown` for a code that is not in it. */
  readonly name: string
  readonly meaning: string
  /** What to do about it. */
  readonly hint: string
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
}

const RANGE = 'read back what the device allows and use a value within it'
const BUG = 'this driver and the firmware disagree about the command; report it with the firmware version'
const MODEL = 'use a command that this model and firmware have'
const ACCESS = 'set the user id first, or lift the write protection'
const HARDWARE = 'switch the device off and on; if it stays, have it checked'
const TEDS = 'check the sensor at this channel and its TEDS memory'

const STATUS: Readonly<Record<number, readonly [name: string, meaning: string, advice: string]>> = {
  0: ['ERR_OK', 'done', 'nothing'],
  1: ['ERR_OK_CHANGED', 'done, further settings were changed too', 'read the settings again'],
  64: ['ERR_CMD_NOTKNOWN', 'unknown command', MODEL],
  65: ['ERR_CMD_NOTIMPL', 'command not implemented in this model', MODEL],
  66: ['ERR_FRAME_ERROR', 'frame error, wrong suffix', 'check the line: baud rate, cable, a second sender'],
  67: ['ERR_CMD_CRC', 'checksum of the request wrong', 'check the line: baud rate, cable, a second sender'],
  80: ['ERR_PAR', 'wrong parameter', RANGE],
  81: ['ERR_PAR_ADR', 'wrong index, address or channel', 'use a channel that the device has'],
  82: ['ERR_PAR_DAT', 'wrong data', RANGE],
  83: ['ERR_PAR_BITS', 'wrong bits in the parameter', RANGE],
  84: ['ERR_PAR_ABSBIG', 'parameter too big', RANGE],
  85: ['ERR_PAR_ABSMALL', 'parameter too small', RANGE],
  86: ['ERR_PAR_COMBI', 'wrong combination of parameters', RANGE],
  87: [
    'ERR_PAR_RELBIG',
    'parameter too big for the other settings',
    'change the other settings first, or use a smaller value'
  ],
  88: [
    'ERR_PAR_RELSMALL',
    'parameter too small for the other settings',
    'change the other settings first, or use a larger value'
  ],
  89: ['ERR_PAR_NOTIMPL', 'function chosen by the parameter not implemented', MODEL],
  90: ['ERR_PAR_TIMEOUT', 'parameters not complete within 200 ms', 'check the line: it holds bytes back'],
  91: ['ERR_WRONG_PAR_NUM', 'wrong number of parameter bytes', BUG],
  92: ['ERR_PAR_NOFIT_SETTINGS', 'parameter does not fit the settings of the device', RANGE],
  93: [
    'ERR_PAR_HW_COLLISION',
    'would cause a collision of hardware',
    'change the wiring or the direction of the lines first'
  ],
  96: ['ERR_NO_DATA_AVAIL', 'data not available', 'ask again later'],
  97: ['ERR_DATA_INCONSISTENT', 'stored data inconsistent', 'load the settings of the manufacturer and configure anew'],
  98: ['ERR_WRONG_MOD_STATE', 'device or module in the wrong state', 'stop the transmission and try again'],
  99: ['ERR_NOT_SUPPORTED_D', 'function not supported', MODEL],
  100: ['ERR_FDATA_TOO_HIGH', 'data rate too high for this setting', 'use a lower rate, or int16 instead of float32'],
  110: ['ERR_MEMORY_WRONG_COND', 'memory write refused', ACCESS],
  111: ['ERR_MEMORY_ACCESS_DENIED', 'memory write refused', ACCESS],
  112: ['ERR_ACC_DEN', 'access denied', ACCESS],
  113: ['ERR_ACC_BLK', 'write functions blocked', ACCESS],
  114: ['ERR_ACC_PWD', 'password or id missing or wrong', ACCESS],
  116: ['ERR_ACC_MAXWR', 'maximum number of executions reached', 'switch the device off and on'],
  117: ['ERR_ACC_PORT', 'another interface has write access', 'release it there, or write through that interface'],
  118: ['ERR_ACC_RDONLY', 'read-only parameter', 'leave it as it is'],
  128: ['ERR_INTERNAL', 'internal exception', HARDWARE],
  129: ['ERR_ARITH', 'internal arithmetic exception', HARDWARE],
  130: ['ERR_INTER_ADC', 'wrong behaviour of the converter', HARDWARE],
  131: ['ERR_MWERT_ERR', 'measured value not suitable for the request', 'bring the signal into range first'],
  132: ['ERR_EEPROM', 'wrong behaviour of the memory', HARDWARE],
  133: ['ERR_EXT_HW', 'external hardware missing or faulty', 'check it, for example the SD card'],
  134: ['ERR_FILE', 'file system error', 'check the SD card'],
  135: ['ERR_WRONG_DIR', 'directory error', 'check the SD card'],
  145: ['ERR_RET_TXBUF', 'transmit buffer full, measured frames were lost', 'use a lower rate, or read faster'],
  146: ['ERR_RET_BUSY', 'too busy', 'ask again later'],
  153: ['ERR_RET_RXBUF', 'receive buffer full', 'send requests one at a time'],
  176: ['GETTEDS_ERR_NO_SENSOR', 'no sensor', TEDS],
  177: ['GETTEDS_ERR_NO_MEMORY', 'no TEDS memory', TEDS],
  178: ['GETTEDS_ERR_BASIC_ONLY', 'basic TEDS only', TEDS],
  179: ['GETTEDS_ERR_NOT_CONFORMANT', 'TEDS not conformant', TEDS],
  180: ['GETTEDS_ERR_NOT_SET', 'TEDS entry not set', TEDS],
  181: ['GETTEDS_ERR_TIMEOUT', 'TEDS timeout', TEDS],
  182: ['GETTEDS_ERR_CHECKSUM', 'TEDS checksum wrong', TEDS],
  183: ['GETTEDS_ERR_TEMPLATE', 'TEDS template unknown', TEDS],
  184: ['GETTEDS_ERR_VERIFY', 'TEDS verification failed', TEDS],
  192: ['BT_CONFIG_ERR', 'error of the Bluetooth application', 'see the manual of the Bluetooth module']
}

const UNKNOWN = ['unknown', 'a code that is not documented', 'see the manual of this firmware'] as const

/** The line was disturbed, the device was busy, or what is asked for is not there yet. */
const RETRYABLE = new Set([0x42, 0x43, 0x5a, 0x60, 0x75, 0x83, 0x91, 0x92, 0x99, 0xb5])

/**
 * Every status code of the specification with its meaning.
 *
 * @example
 * ```ts
 * import { statusCodes } from '@messwerk/gsv-driver/commands'
 *
 * statusCodes.slice(0, 3) // => [0x00, 0x01, 0x40]
 * ```
 */
export const statusCodes: readonly number[] = Object.keys(STATUS).map(Number)

/**
 * Name and meaning of a status code; unknown codes have the name `unknown`.
 *
 * @example
 * ```ts
 * import { statusOf } from '@messwerk/gsv-driver/commands'
 *
 * statusOf(0x54).name // => 'ERR_PAR_ABSBIG'
 * statusOf(0x92).retryable // => true
 * statusOf(0xee).name // => 'unknown'
 * ```
 */
export function statusOf(code: number): GsvStatus {
  const [name, meaning, hint] = STATUS[code] ?? UNKNOWN
  return { name, meaning, hint, retryable: RETRYABLE.has(code) }
}

/**
 * Whether a status code says that the command was carried out: 0x00, and 0x01 where other settings were changed with it.
 *
 * @example
 * ```ts
 * import { isSuccess } from '@messwerk/gsv-driver/commands'
 *
 * isSuccess(0x01) // => true
 * isSuccess(0x52) // => false
 * ```
 */
export function isSuccess(code: number): boolean {
  return code <= 1
}
