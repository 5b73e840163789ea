import { FrameFlag, type ScanBuffer } from '../codec/index.ts'
import {
  faultCounts,
  faultsOfGsv6,
  faultyChannels,
  GsvError,
  type ValueFault,
  valueErrorOf
} from '../commands/index.ts'
import type { GsvSession } from '../device/gsv-session.ts'
import type { GsvDevice } from '../device/probe.ts'
import type { ScanFaults } from './scan-faults.ts'

/** Between two questions, and after one that was not answered, ms. */
const ASK_EVERY = 500
const ASK_AGAIN = 10_000
/** All values of a frame. */
const ALL = 0xffff
/** A GSV-8 counts up to this number of faults. */
const MOST_COUNTED = 255
/** A value so near to the end of its range, as part of the range, is at the end. */
const NEAR = 1e-4

/**
 * Which values of flagged frames are uncertain. A flag says that something is wrong in the frame, not where: the device is
 * asked, twice a second at most, and what it answers holds from then until the flags end. Until then it is all of them.
 *
 * A GSV-6 says what is wrong now. A GSV-8 says what went wrong last and how often something did: that is known when
 * it happened once since frames were without flags, or once more since the last answer.
 *
 * @internal
 */
export class FaultWatch implements ScanFaults {
  /** Uncertain values by scan of the parser's buffer, bit 0 the first; only where the scan has flags. */
  readonly masks: Uint16Array
  readonly #session: GsvSession
  readonly #model: GsvDevice['model']
  readonly #isMultiAxis: boolean
  /** Ends of the ranges by value of the frame; infinite where there is none. */
  readonly #low: Float64Array
  readonly #high: Float64Array
  #examined = 0
  /** Of the last scan. */
  #flags = 0
  /** Changes whenever flags end. */
  #episode = 0
  /** What is known of this episode: values, and which flags they explain. */
  #mask = 0
  #explained = 0
  /** Whether nothing but what was counted since can be wrong. */
  #isSure = false
  #count = MOST_COUNTED
  /** Whether something may have gone wrong, and right again, since faults were counted. */
  #isStale = false
  #isAble: boolean
  #isAsking = false
  #askedAt = Number.NEGATIVE_INFINITY
  #at = 0

  constructor(session: GsvSession, { model, channels }: GsvDevice) {
    this.#session = session
    this.#model = model
    this.#isAble = session.has('GetLastValueError')
    this.#isMultiAxis = channels.some(({ range }) => !range)
    this.masks = new Uint16Array(session.parser.scans.capacity)
    const near = (range: readonly [number, number]): number => NEAR * (range[1] - range[0])
    this.#low = Float64Array.from(channels, ({ range }) => (range ? range[0] + near(range) : Number.NEGATIVE_INFINITY))
    this.#high = Float64Array.from(channels, ({ range }) => (range ? range[1] - near(range) : Number.POSITIVE_INFINITY))
  }

  /** Before the transmission: how often something was wrong until now. */
  async begin(): Promise<void> {
    if (!this.#isAble || this.#model !== 'gsv-8') return
    try {
      this.#count = await this.#counted()
    } catch (error) {
      if (!(error instanceof GsvError)) throw error
      this.#isAble = false
    }
  }

  /** Looks at the scans that were decoded since the last call. */
  examine({ flags, values, length, objects, capacity }: ScanBuffer): void {
    for (let i = this.#examined; i < length; i += 1) {
      const flag = flags[i] as number
      if (flag !== this.#flags || !this.#isSure) this.#turn(flag)
      if (flag === 0) continue
      let mask = (flag & ~this.#explained) === 0 ? this.#mask : ALL
      for (let c = 0; c < objects && mask !== ALL; c += 1) {
        const value = values[c * capacity + i] as number
        if (value <= (this.#low[c] as number) || value >= (this.#high[c] as number)) mask |= 1 << c
      }
      this.masks[i] = mask
    }
    this.#examined = length
  }

  /** The scans were taken out of the buffer. */
  taken(): void {
    this.#examined = 0
  }

  /** Asks what is wrong, where that is due. @param at - time of the arrival, ms */
  ask(at: number): void {
    this.#at = at
    if (!this.#isAble || this.#isAsking || at - this.#askedAt < ASK_EVERY) return
    if (this.#flags === 0 && !this.#isStale) return
    this.#askedAt = at
    this.#isAsking = true
    void this.#learn(this.#episode)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#isAsking = false
      })
  }

  #turn(flag: number): void {
    this.#flags = flag
    if (flag !== 0) return
    this.#episode += 1
    this.#mask = 0
    this.#explained = 0
    this.#isSure = true
    this.#isStale = this.#model === 'gsv-8'
  }

  async #learn(episode: number): Promise<void> {
    const isFlagged = this.#flags !== 0
    this.#isStale = false
    if (this.#model === 'gsv-6') {
      const { fault } = await this.#session.command('GetLastValueError', { index: 0 })
      if (episode === this.#episode) this.#add(faultsOfGsv6(fault))
      return
    }
    // In this order: what happens between the two makes the count too high, and nothing is concluded.
    const { fault } = await this.#session.command('GetLastValueError', { index: 1 })
    const count = await this.#counted()
    const more = count < MOST_COUNTED ? count - this.#count : Number.NaN
    this.#count = count
    if (episode !== this.#episode || !isFlagged || more === 0) return
    if (more === 1 && this.#isSure) return this.#add(valueErrorOf(fault).faults)
    this.#explained = 0
    this.#isSure = false
  }

  async #counted(): Promise<number> {
    return faultCounts((await this.#session.command('GetLastValueError', { index: 0 })).fault).sincePowerOn
  }

  #add(faults: readonly ValueFault[]): void {
    for (const number of faultyChannels(faults, this.#isMultiAxis)) this.#mask |= 1 << (number - 1)
    for (const { cause } of faults) {
      if (cause.startsWith('saturated')) this.#explained |= FrameFlag.saturated
      if (cause === 'axis-exceeded' || cause === 'out-of-range') this.#explained |= FrameFlag.sixAxisError
    }
  }

  /** A device that does not know the question is not asked again, one that did not answer later. */
  #fail(error: unknown): void {
    if (error instanceof GsvError) this.#isAble = false
    else this.#askedAt = this.#at + ASK_AGAIN - ASK_EVERY
  }
}
