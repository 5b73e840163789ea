import { OVERLOAD } from '../../codec/frame-layout.ts'
import { FrameFlag } from '../../codec/index.ts'
import { sensorElements } from '../../commands/index.ts'
import type { SimulatedChannel } from '../signal.ts'
import type { Model, Settings } from './settings.ts'

/** Raw value of half the range, which the device shows on all inputs when it is told to. */
const HALF = 0x003cf3cf
/** Raw steps of 24 bits from zero to the overload limit. */
const STEPS = 0x800000
const AXES = 6

/** What else a frame carries than inputs, and what is told when inputs leave their range. @internal */
export interface MeasuringOptions {
  readonly model: Model
  readonly channels: readonly SimulatedChannel[]
  /** Input whose value is the number of the scan, from 1. */
  readonly counterChannel: number | undefined
  /** Type and 16 flags of the fault memory; told when one begins. */
  readonly fault: (type: number, flags: number) => void
}

/**
 * The way of a value from the input to the frame: range, saturation, zero, noise cut, six-axis matrix, user scale and
 * offset, largest and smallest values.
 *
 * @internal
 */
export class Measuring {
  readonly max: Float64Array
  readonly min: Float64Array
  /** 0 normal, 1 test value, 2 zero of the manufacturer, 3 zero of the six-axis calibration. */
  injected = 0
  readonly #model: Model
  readonly #fault: MeasuringOptions['fault']
  readonly #counter: number
  /** Physical value of the signal at the nominal range, and that range. */
  readonly #nominal: readonly { readonly scale: number; readonly range: number }[]
  readonly #divisor: Float64Array
  readonly #zero: Float64Array
  readonly #factor: Float64Array
  readonly #offset: Float64Array
  readonly #cut: Float64Array
  readonly #axes = new Float64Array(AXES)
  #settings: Settings
  #saturated = 0
  #exceeded = 0
  #isPhysical = true
  #multiAxis = false
  #extremes = false
  #shown: 'actual' | 'max' | 'min' = 'actual'
  #modulus = 1

  constructor({ model, channels, counterChannel, fault }: MeasuringOptions, settings: Settings) {
    const { inputs } = model
    this.#model = model
    this.#fault = fault
    this.#counter = (counterChannel ?? 0) - 1
    this.#settings = settings
    this.#nominal = settings.channels.map(({ range, userScale }, i) => ({
      scale: channels[i] ? (channels[i].scale ?? 1000) : userScale,
      range
    }))
    this.max = new Float64Array(inputs).fill(Number.NEGATIVE_INFINITY)
    this.min = new Float64Array(inputs).fill(Number.POSITIVE_INFINITY)
    this.#divisor = new Float64Array(inputs)
    this.#zero = new Float64Array(inputs)
    this.#factor = new Float64Array(inputs)
    this.#offset = new Float64Array(inputs)
    this.#cut = new Float64Array(inputs)
    this.update(settings)
  }

  /** Whether a six-axis sensor is calculated. */
  get multiAxis(): boolean {
    return this.#multiAxis
  }

  /** Bits 0 to 7 too high, 8 to 15 too low, one an input: what saturated in the last scan. */
  get saturated(): number {
    return this.#saturated
  }

  /** Axes whose maximum was exceeded in the last scan. */
  get exceeded(): number {
    return this.#exceeded
  }

  /** Takes changed settings over. */
  update(settings: Settings): void {
    this.#settings = settings
    const isGsv8 = this.#model.name === 'gsv-8'
    this.#isPhysical = settings.dataType === 'float32'
    this.#multiAxis = (settings.mode & (isGsv8 ? 1 : 0x400)) !== 0
    this.#extremes = (settings.mode & (isGsv8 ? 4 : 0x80)) !== 0
    this.#shown = settings.txFlags & 4 ? 'max' : settings.txFlags & 8 ? 'min' : 'actual'
    this.#modulus = settings.dataType === 'int16' ? 2 ** 16 : 2 ** 24
    const cuts = isGsv8 && (settings.mode & 8) !== 0
    for (const [i, channel] of settings.channels.entries()) {
      const { scale, range } = this.#nominal[i] as { scale: number; range: number }
      this.#divisor[i] = channel.range === range ? scale : (scale * channel.range) / range
      this.#zero[i] = (channel.zero * OVERLOAD) / STEPS
      const exact = Math.fround(scale) === channel.userScale ? scale : channel.userScale
      // what is not changed stays exactly as the signal has it
      this.#factor[i] = exact === this.#divisor[i] ? 1 : exact / (this.#divisor[i] as number)
      this.#offset[i] = channel.userOffset - (this.#zero[i] as number) * exact
      this.#cut[i] = cuts ? (channel.noiseCut * (this.#divisor[i] as number)) / channel.range : 0
    }
  }

  /** Sets the zero of an input so that this value of its signal reads 0; returns the raw steps. */
  zeroAt(input: number, value: number): number {
    return Math.round((value / (this.#divisor[input] as number) / OVERLOAD) * STEPS)
  }

  /** What the converter reads for a value of the signal, as raw steps: neither zero nor scale of the user in it. */
  rawOf(input: number, value: number): number {
    if (this.injected === 1) return HALF
    const part = value / (this.#divisor[input] as number)
    return Math.max(-STEPS, Math.min(STEPS - 1, Math.round((part / OVERLOAD) * STEPS)))
  }

  /** The value of an input as a host sees it, from the values of all inputs. */
  valueOf(input: number, values: Float64Array): number {
    const value = (values[input] ?? 0) * (this.#factor[input] ?? 1) + (this.#offset[input] ?? 0)
    return Number.isNaN(value) ? 0 : value
  }

  /**
   * Turns the signals of the inputs into what a frame carries, in place; returns the flags of the frame.
   *
   * @param values - physical values; what is returned are physical values for float32, else parts of the range
   */
  process(values: Float64Array, scan: number, count: number): number {
    if (this.injected === 1) for (let i = 0; i < count; i += 1) values[i] = this.#injectedValue(i)
    let saturated = 0
    for (let i = 0; i < count; i += 1) {
      if (i === this.#counter) continue
      const divisor = this.#divisor[i] as number
      const part = (values[i] as number) / divisor
      if (part > OVERLOAD || part < -OVERLOAD) {
        saturated |= part > 0 ? 1 << i : 256 << i
        values[i] = Math.sign(part) * OVERLOAD * divisor
      }
      const cut = this.#cut[i] as number
      if (cut > 0 && Math.abs(values[i] as number) < cut) values[i] = 0
      if (!this.#isPhysical) values[i] = (values[i] as number) / divisor - (this.#zero[i] as number)
      else if (!this.#multiAxis)
        values[i] = (values[i] as number) * (this.#factor[i] as number) + (this.#offset[i] as number)
    }
    if (saturated !== this.#saturated) this.#changed(saturated)
    if (this.#multiAxis && this.#isPhysical) this.#calculate(values, count)
    else this.#exceeded = 0
    if (this.#counter >= 0 && this.#counter < count) values[this.#counter] = this.#number(scan)
    if (this.#extremes) this.#keep(values, count)
    return (saturated === 0 ? 0 : FrameFlag.saturated) | (this.#exceeded === 0 ? 0 : FrameFlag.sixAxisError)
  }

  /** Number of the scan, as far as the data type holds it. */
  #number(scan: number): number {
    const number = scan % this.#modulus
    return this.#isPhysical ? number : ((number - this.#modulus / 2) * OVERLOAD) / (this.#modulus / 2)
  }

  #injectedValue(i: number): number {
    return ((HALF * OVERLOAD) / STEPS) * (this.#divisor[i] as number)
  }

  #changed(saturated: number): void {
    const begun = saturated & ~this.#saturated
    this.#saturated = saturated
    if (begun !== 0) this.#fault(1, begun)
  }

  /**
   * Matrix times the inputs in mV/V over the input sensitivity, moved by the geometric offset. The device's own
   * arithmetic is not published.
   */
  #calculate(values: Float64Array, count: number): void {
    const { channels, sensors, activeSensor } = this.#settings
    const sensor = sensors[activeSensor & 15]
    if (!sensor || count < AXES) return
    const matrix = sensor[sensorElements.matrix.type] ?? []
    const [sensitivity = 2] = sensor[sensorElements.sensitivity.type] ?? []
    for (let row = 0; row < AXES; row += 1) {
      let sum = 0
      for (let i = 0; i < AXES; i += 1) {
        const part = (values[i] as number) / (this.#divisor[i] as number) - (this.#zero[i] as number)
        sum += ((matrix[AXES * row + i] ?? 0) * part * (channels[i]?.range ?? 1)) / sensitivity
      }
      this.#axes[row] = sum
    }
    this.#moveTorques(sensor)
    const maxima = sensor[sensorElements.maximum.type] ?? []
    let exceeded = 0
    for (let i = 0; i < AXES; i += 1) {
      values[i] = this.#axes[i] as number
      const most = maxima[i] ?? 0
      if (most > 0 && Math.abs(values[i] as number) > most) exceeded |= 1 << i
    }
    const begun = exceeded & ~this.#exceeded
    this.#exceeded = exceeded
    if (begun !== 0) this.#fault(2, begun)
  }

  #moveTorques(sensor: Record<number, number[]>): void {
    const [x = 0, y = 0, z = 0] = sensor[sensorElements.offset.type] ?? []
    const [fx = 0, fy = 0, fz = 0, mx = 0, my = 0, mz = 0] = this.#axes
    this.#axes[3] = mx + y * fz - z * fy
    this.#axes[4] = my + z * fx - x * fz
    this.#axes[5] = mz + x * fy - y * fx
  }

  #keep(values: Float64Array, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const value = values[i] as number
      if (value > (this.max[i] as number)) this.max[i] = value
      if (value < (this.min[i] as number)) this.min[i] = value
      if (this.#shown !== 'actual') values[i] = (this.#shown === 'max' ? this.max[i] : this.min[i]) as number
    }
  }

  /** Forgets largest and smallest values; of all inputs with a negative number. */
  clearExtremes(input: number): void {
    for (let i = 0; i < this.max.length; i += 1) {
      if (input >= 0 && i !== input) continue
      this.max[i] = Number.NEGATIVE_INFINITY
      this.min[i] = Number.POSITIVE_INFINITY
    }
  }
}
