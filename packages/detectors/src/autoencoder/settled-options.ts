import type { ChannelPlan } from '../detector/channel-plan.ts'
import { type Activation, activations } from '../network/activation.ts'
import type { Loss } from '../network/gradients.ts'
import { seedOf } from '../statistics/random.ts'
import { type Reach, reachOf, reachText } from '../statistics/scan-window.ts'
import type { AutoencoderOptions } from './autoencoder.ts'

/** Scans that a window can hold, and values that a network can take. */
const LONGEST = 1024
const MOST_INPUTS = 8192
const MOST_UNITS = 4096
const MOST_WEIGHTS = 4_194_304

/** Options with their defaults, checked. @internal */
export interface SettledOptions {
  readonly hidden: readonly number[] | 'auto'
  readonly activation: Activation
  readonly output: Activation
  readonly loss: Loss
  readonly epochs: number
  readonly batch: number
  readonly rate: number
  readonly weightDecay: number
  readonly patience: number
  readonly holdBack: number
  readonly scaler: 'standard' | 'min-max' | 'none'
  readonly missing: 'skip' | 'mask'
  readonly window: Reach | undefined
  readonly seed: number
}

/** @throws RangeError, TypeError that name option, rule and value @internal */
export function settledOptions(options: AutoencoderOptions): SettledOptions {
  const settled: SettledOptions = {
    hidden: options.hidden ?? 'auto',
    activation: options.activation ?? 'tanh',
    output: options.output ?? 'linear',
    loss: options.loss ?? 'mse',
    epochs: options.epochs ?? 100,
    batch: options.batch ?? 32,
    rate: options.rate ?? 0.005,
    weightDecay: options.weightDecay ?? 0,
    patience: options.patience ?? 10,
    holdBack: options.holdBack ?? 0.1,
    scaler: options.scaler ?? 'standard',
    missing: options.missing ?? 'skip',
    window: options.window === undefined ? undefined : windowOf(options.window),
    seed: seedOf('autoencoder', options.seed ?? 0)
  }
  checkWords(settled)
  checkNumbers(settled)
  if (settled.hidden !== 'auto') checkHidden(settled.hidden)
  return settled
}

function windowOf(window: NonNullable<AutoencoderOptions['window']>): Reach {
  const reach = reachOf('autoencoder', window)
  if ('scans' in reach && reach.scans > LONGEST)
    throw new RangeError(`autoencoder: window must hold at most ${LONGEST} scans, got { scans: ${reach.scans} }`)
  return reach
}

function checkWords({ activation, output, loss, scaler, missing }: SettledOptions): void {
  checkWord('activation', activation, activations)
  checkWord('output', output, activations)
  checkWord('loss', loss, ['mse', 'huber'])
  checkWord('scaler', scaler, ['standard', 'min-max', 'none'])
  checkWord('missing', missing, ['skip', 'mask'])
}

function checkNumbers({ epochs, batch, rate, weightDecay, patience, holdBack }: SettledOptions): void {
  checkWhole('epochs', epochs, 1, 1_000_000)
  checkWhole('batch', batch, 1, 65_536)
  checkWhole('patience', patience, 1, 1_000_000)
  checkNumber('rate', rate, 'above 0 and at most 1', rate > 0 && rate <= 1)
  checkNumber('weightDecay', weightDecay, 'from 0 to below 1', weightDecay >= 0 && weightDecay < 1)
  checkNumber('holdBack', holdBack, 'from 0 to 0.5', holdBack >= 0 && holdBack <= 0.5)
}

function checkHidden(hidden: readonly number[]): void {
  if (!Array.isArray(hidden))
    throw new TypeError(`autoencoder: hidden must be a list of sizes such as [16, 4, 16], got ${String(hidden)}`)
  if (hidden.length === 0 || hidden.length > 16)
    throw new RangeError(`autoencoder: hidden must hold 1 to 16 sizes, got ${hidden.length}`)
  for (const size of hidden) checkWhole('each of hidden', size, 1, MOST_UNITS)
}

function checkWord(option: string, value: string, words: readonly string[]): void {
  if (!words.includes(value))
    throw new RangeError(`autoencoder: ${option} must be one of ${words.join(', ')}, got '${String(value)}'`)
}

function checkNumber(option: string, value: number, rule: string, isRight: boolean): void {
  if (typeof value !== 'number') throw new TypeError(`autoencoder: ${option} must be a number, got ${String(value)}`)
  if (!isRight) throw new RangeError(`autoencoder: ${option} must be ${rule}, got ${value}`)
}

function checkWhole(option: string, value: number, least: number, most: number): void {
  const isRight = Number.isSafeInteger(value) && value >= least && value <= most
  checkNumber(option, value, `a whole number from ${least} to ${most}`, isRight)
}

/** Of the whole network. */
export function sizesOf({ hidden }: SettledOptions, inputs: number): readonly number[] {
  const code = Math.max(1, Math.floor(Math.min(inputs, 32) / 2))
  const outer = Math.min(2 * inputs, 64)
  return [inputs, ...(hidden === 'auto' ? [outer, code, outer] : hidden), inputs]
}

/** @throws RangeError when the network would be larger than it may be @internal */
export function checkSize(options: SettledOptions, { used }: ChannelPlan): void {
  const scans = options.window && 'scans' in options.window ? options.window.scans : 1
  const inputs = scans * used.length
  if (inputs > MOST_INPUTS)
    throw new RangeError(
      `autoencoder: window times channels must not exceed ${MOST_INPUTS}, got ${scans} scans of ${used.length}`
    )
  const sizes = sizesOf(options, inputs)
  const weights = sizes.slice(1).reduce((sum, size, k) => sum + size * sizes[k]!, 0)
  if (weights > MOST_WEIGHTS)
    throw new RangeError(`autoencoder: the network must not exceed ${MOST_WEIGHTS} weights, got ${weights}`)
}

/** Scans of a window, where it is a time for these scans; 1 without a window. @internal */
export function windowScans(window: Reach | undefined, width: number, seconds: Float64Array): number {
  if (window === undefined) return 1
  if ('scans' in window) return window.scans
  if (seconds.length < 2) return 0
  const period = (seconds[seconds.length - 1]! - seconds[0]!) / (seconds.length - 1)
  const most = Math.max(2, Math.min(LONGEST, Math.floor(MOST_INPUTS / width)))
  const scans = Math.round(window.ms / 1000 / period)
  return Number.isNaN(scans) ? 0 : Math.min(most, Math.max(2, scans))
}

/** As kept in snapshots: what was learned with others is refused. @internal */
export function settingsOf(settled: SettledOptions): Readonly<Record<string, string>> {
  const { hidden, window } = settled
  const texts = Object.entries(settled).map(([option, value]) => [option, String(value)])
  return Object.assign(Object.fromEntries(texts), { hidden: String(hidden), window: reachText(window) })
}
