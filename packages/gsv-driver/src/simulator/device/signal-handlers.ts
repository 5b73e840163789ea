import type { Handlers } from './dispatch.ts'
import type { FramedDevice } from './framed-device.ts'
import { at, must } from './refusal.ts'
import type { ChannelSettings } from './settings.ts'

/** Input of a number from 1. */
function channel(device: FramedDevice, number: number): ChannelSettings {
  return at(device.settings.channels, number - 1)
}

/** One input, or all for 0, changed alike. */
function each(device: FramedDevice, number: number, change: (channel: ChannelSettings, index: number) => void): void {
  const { channels } = device.settings
  if (number === 0) for (const [i, one] of channels.entries()) change(one, i)
  else change(channel(device, number), number - 1)
}

/** Nominal ranges of the input types of a GSV-8, mV/V or mV. */
const RANGES = [2, 3.5, 7, 10_000, 1500, 1300, 1300]
const MOST_UNIT = 46
/** A tare must fit 24 bits with a sign. */
const MOST_TARE = 0x800000

/** Zero, scale, unit, input and analog output. @internal */
export const signalHandlers: Handlers = {
  ReadZero: (device, request) => ({ tare: channel(device, request.channel).zero }),
  WriteZero: (device, request) => {
    must(Math.abs(request.tare) <= MOST_TARE, 0x54)
    each(device, request.channel, (one) => {
      one.zero = request.tare
    })
    return undefined
  },
  SetZero: (device, { channel: number }) => {
    must(!(device.measuring.multiAxis && device.model.name === 'gsv-8' && number >= 1 && number <= 6), 0x5c)
    if (number > 0) channel(device, number)
    device.zero(number)
    return undefined
  },
  ReadAoutOffset: (device, request) => ({ percent: channel(device, request.channel).aout.offset }),
  WriteAoutOffset: (device, request) => {
    must(request.percent <= 60, 0x54)
    must(request.percent >= -60, 0x55)
    each(device, request.channel, ({ aout }) => {
      aout.offset = request.percent
    })
    return undefined
  },
  ReadAoutScale: (device, request) => ({ scale: channel(device, request.channel).aout.scale }),
  WriteAoutScale: (device, request) => {
    must(Number.isFinite(request.scale), 0x52)
    each(device, request.channel, ({ aout }) => {
      aout.scale = request.scale
    })
    return undefined
  },
  WriteAoutDirect: (device, request) => {
    each(device, request.channel, ({ aout }) => {
      must((aout.mode & 1) !== 0, 0x62)
      aout.code = request.code
    })
    return undefined
  },
  GetAoutType: (device, request) => {
    const { type, mode } = channel(device, request.channel).aout
    return { type, mode }
  },
  SetAoutType: (device, request) => {
    must(request.type <= 7, 0x52)
    must(request.mode <= (device.model.name === 'gsv-8' ? 7 : 0), 0x53)
    each(device, request.channel, ({ aout }) => {
      aout.type = request.type
      aout.mode = request.mode
    })
    return undefined
  },
  GetUnitNo: (device, request) => ({ unit: channel(device, request.channel).unit }),
  SetUnitNo: (device, request) => {
    must(request.unit <= MOST_UNIT || request.unit >= 254, 0x52)
    each(device, request.channel, (one) => {
      one.unit = request.unit
    })
    return undefined
  },
  GetUnitText: (device, { slot }) => ({ text: at(device.settings.unitTexts, slot) }),
  SetUnitText: (device, { slot, text }) => {
    must(slot <= 1, 0x51)
    device.settings.unitTexts[slot as 0 | 1] = text
    return undefined
  },
  ReadUserScale: (device, request) => ({ scale: channel(device, request.channel).userScale }),
  WriteUserScale: (device, request) => {
    must(Number.isFinite(request.scale) && request.scale !== 0, 0x52)
    each(device, request.channel, (one) => {
      one.userScale = request.scale
    })
    return undefined
  },
  ReadUserOffset: (device, request) => ({ offset: channel(device, request.channel).userOffset }),
  WriteUserOffset: (device, request) => {
    must(Number.isFinite(request.offset), 0x52)
    each(device, request.channel, (one) => {
      one.userOffset = request.offset
    })
    return undefined
  },
  MEwriteInputRange: (device, { channel: number, range }) => {
    if (device.model.name === 'gsv-6') {
      must(number === 0, 0x51)
      must([100, 200, 400, 800].includes(range), 0x52)
    }
    each(device, number, (one) => {
      one.range = range / 100
    })
    return undefined
  },
  SetInjectValOrOffset: (device, { mode }) => {
    must(mode <= 3, 0x52)
    device.measuring.injected = mode
    return undefined
  },
  GetRawValue: (device, { channel: number }) => {
    channel(device, number)
    return { raw: device.measuring.rawOf(number - 1, device.transmission.steady(number - 1)) }
  },
  ClearMaxValue: (device, { channel: number }) => {
    if (number > 0) channel(device, number)
    device.measuring.clearExtremes(number - 1)
    return undefined
  },
  GetDigits: (device, request) => ({ digits: channel(device, request.channel).digits }),
  SetDigits: (device, request) => {
    must(request.digits >= 1, 0x55)
    must(request.digits <= 8, 0x54)
    each(device, request.channel, (one) => {
      one.digits = request.digits
    })
    return undefined
  },
  GetDACarray: (device) => ({ codes: device.settings.channels.map(({ aout }) => aout.code) }),
  SetDACsync: (device, request) => {
    const isUpper = (request.channels & 0xf0) !== 0
    must(request.channels !== 0 && !(isUpper && (request.channels & 0x0f) !== 0), 0x53)
    for (const [i, code] of request.codes.entries()) {
      const index = i + (isUpper ? 4 : 0)
      if ((request.channels >> index) & 1) at(device.settings.channels, index).aout.code = code
    }
    return undefined
  },
  ReadMaxMinVal: (device, { channel: number }) => {
    channel(device, number)
    const [max = 0, min = 0] = [device.measuring.max[number - 1], device.measuring.min[number - 1]]
    must(Number.isFinite(max), 0x60)
    return { max, min }
  },
  ReadNoiseCutThreshold: (device, request) => ({ threshold: channel(device, request.channel).noiseCut }),
  WriteNoiseCutThreshold: (device, request) => {
    must(request.threshold > 0, 0x55)
    each(device, request.channel, (one) => {
      one.noiseCut = request.threshold
    })
    return undefined
  },
  ReadAutoZeroSetting: (device, { item, channel: number }) => ({ value: at(channel(device, number).autoZero, item) }),
  WriteAutoZeroSetting: (device, { item, channel: number, value }) => {
    must(item <= 1, 0x51)
    must(value > 0, 0x55)
    each(device, number, ({ autoZero }) => {
      autoZero[item as 0 | 1] = value
    })
    return undefined
  },
  GetAutoZeroProperty: (device, { item }) => ({ value: at(device.settings.autoZero, item) }),
  SetAutoZeroProperty: (device, { item, value }) => {
    must(item <= 2, 0x51)
    device.settings.autoZero[item as 0 | 1 | 2] = value
    return undefined
  },
  GetInputType: (device, { channel: number, sense }) => {
    const { input, range } = channel(device, number)
    const isActive = sense === (device.model.name === 'gsv-8' ? 0xff : 0)
    if (isActive) return { type: input, range: Math.round(range * 100) }
    if (device.model.name === 'gsv-8') return { type: sense, range: 100 * at(RANGES, sense) }
    return { type: 0, range: 100 * at([8, 4, 2, 1], sense - 1) }
  },
  SetInputType: (device, { channel: number, type }) => {
    must(type < RANGES.length, 0x52)
    each(device, number, (one) => {
      one.input = type
      one.range = RANGES[type] as number
      one.zero = 0
      one.userScale = one.range
    })
    return undefined
  }
}
