import type { BitLayout } from './bits.ts'

/**
 * Where the flags and parts of parameters and answers lie, for `readBits` and `writeBits`. Bits that are named here but
 * mean nothing on a model are 0 there.
 *
 * @example
 * ```ts
 * import { bitLayouts, readBits } from '@messwerk/gsv-driver/commands'
 *
 * const { permanentlyOff, crc } = readBits(bitLayouts.txMode, 0x22)
 * permanentlyOff // => true
 * crc // => true
 * ```
 */
export const bitLayouts = {
  /** Parameter of GetInterface; transmission: 0 as it is, 1 off, 2 on. */
  interfaceRequest: { transmission: [0, 1], highSpeed: 2, crc: 3 },
  /** First byte of the answer to GetInterface; frames: 1 measured frames without CRC, 3 with. */
  interfaceFrames: { model: [0, 5], frames: [6, 7] },
  /** Second byte; objects: number - 1; dataType: 1 int16, 2 int24, 3 float32. */
  interfaceLayout: { dataType: [0, 2], transmitting: 3, objects: [4, 7] },
  /** Third byte. */
  interfaceProtection: { number: [0, 5], allLocked: 6, locked: 7 },
  /** Data of a basic entry of ReadInterfaceSetting. application: 1 this protocol, 2 CANopen, 3 EtherCAT, 4 text, 5 int16. */
  interfaceFlags: {
    receiveReady: 0,
    sendReady: 1,
    writeAccess: 2,
    binaryOffset: 3,
    transmitting: 4,
    transmittingAtStart: 5,
    lineTriggered: 8,
    switchable: 16,
    addresses: 17,
    addressesChangeable: 18,
    crc: 19,
    application: [24, 31]
  },
  /** Second byte of the analog output: GetAoutType, SetAoutType. */
  aoutMode: { direct: 0, inactive: 1, counter: 2 },
  /** GetMode and SetMode of the GSV-8; tedsScale: bit 0 = channel 1. */
  modeGsv8: {
    multiAxis: 0,
    autoAnalogFilter: 1,
    maxMin: 2,
    noiseCut: 3,
    locked: 7,
    tedsScale: [8, 15],
    tedsUnit: 16,
    tedsRange: 17,
    tedsAout: 18,
    tedsZero: 19,
    autoZero: 22
  },
  /** GetMode and SetMode of the GSV-6; channels, userMonitor and peakReset are read only. */
  modeGsv6: {
    channels: [0, 2],
    saveTare: 3,
    userMonitor: 4,
    tedsOffset: 5,
    negateScale: 6,
    peak: 7,
    peakReset: 8,
    tedsAtStart: 9,
    multiAxis: 10,
    current20: 11,
    linearisation: 12
  },
  /** GetSoftwareConfiguration of the GSV-8. */
  softwareGsv8: {
    adc: 0,
    etherCat: 1,
    lcd: 2,
    teds: 3,
    lines: 4,
    etherCatTwoLeds: 5,
    analogOut: 6,
    serial: 7,
    frequencyOut: 8,
    sensorSupervision: 9,
    sixAxis: 10,
    canOpen: 11,
    highSpeed: 12
  },
  /** GetSoftwareConfiguration of the GSV-6; bits 24 to 29 are reported from firmware 3.39 and 3.49 on. */
  softwareGsv6: {
    thresholds: [0, 2],
    analogOutConditioner: 4,
    encoder: 5,
    clock: 6,
    card: 8,
    can: 9,
    gsv6bt: 10,
    handHeld: 11,
    singleEnded: 12,
    gsv6t3: 13,
    linearisation: 16,
    temperature: 17,
    i2c: 18,
    can2: 19,
    monitor: 20,
    protocol: 21,
    dac: 22,
    spi: 23,
    sixAxis: 24,
    digitalFilter: 25,
    errorMemory: 26,
    lowPower: 27,
    gradient: 28,
    canOpen: 29
  },
  /** GetTXMode and SetTXMode, index 0. off, uartBlocked, usbBlocked, slave and master are read only. */
  txMode: {
    off: 0,
    permanentlyOff: 1,
    maximum: 2,
    minimum: 3,
    crc: 5,
    uartBlocked: 6,
    usbBlocked: 7,
    slave: 8,
    master: 9,
    text: 10
  },
  /** GetTXMode, index 2, of the GSV-8: smallest and highest number of channels. */
  txChannels: { smallest: [0, 7], highest: [8, 15] },
  /** GetTXmapping, index 1 and up; value: 0 actual, 1 maximum, 2 minimum. */
  txMapping: { channel: [0, 3], value: [4, 7], physical: [8, 15] },
  /** GetDigiFiltType and SetDigiFiltType; kind: 0 low pass, 1 high pass, 2 band pass, 3 band stop, 4 notch. */
  filterType: { length: [0, 3], kind: [4, 6], fir: 7 },
  /** GetDfiltOnOff and SetDfiltOnOff: bit 0 = channel 1. */
  filtersOn: { iir: [0, 7], fir: [8, 15] },
  /** GetSensorPlugged: bit 0 = channel 1. */
  sensors: { connected: [0, 7], teds: [8, 15], tedsWritable: [16, 23] },
  /** SetFTSensorCalArrNo of the GSV-8 with two sensors; second: its index + 1, 0 = none. */
  sensorStructures: { first: [0, 3], second: [4, 7] },
  /** Type 7 of ReadFTSensorCal. kind: 0 matrix A, 1 matrix A and B, 2 rows x columns; rows and columns - 1. */
  sensorType: { kind: [0, 7], displacement: 8, master: 9, rows: [12, 15], columns: [16, 19] },
  /** First byte of ReadCounterFreqMode; item: 0 flags, 1 gate time in data periods, 2 start value. */
  counterItem: { item: [0, 3], counter: [4, 7] },
  /** Flags of a counter; quadrature: 0 free run, 1 to 3 = x1, x2, x4. */
  counterFlags: {
    present: 0,
    counting: 1,
    frequency: 2,
    quadrature: [3, 4],
    index: 5,
    saturate: 6,
    keepLast: 7,
    period: 8,
    automatic: 9,
    pullUpsOff: 10,
    indexInverted: 11,
    noiseFilter: 12
  },
  /** ReadLoggerSettings, index 0; cardOk, fileOpen and recording are read only. */
  loggerFlags: { cardOk: 0, fileOpen: 1, enabled: 2, continuous: 4, byTrigger: 5, recording: 6 },
  /** First byte of the answer to QueryFileSystem. */
  fileFlags: { directory: 0, knownName: 1, end: 7 },
  /** Second parameter of ReadValueString. */
  valueString: { unit: 0, fixed: 1 },
  /** First byte of ReadLinearizationValue: channel - 1; kind: 0 actual, 1 reference, 2 number of points, 3 tare, 4 number, 5 sensitivity. */
  linearisation: { channel: [0, 2], kind: [3, 5] }
} as const satisfies Readonly<Record<string, BitLayout>>
