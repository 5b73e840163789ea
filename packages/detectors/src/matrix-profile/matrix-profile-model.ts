// Longer than 200 lines: where it stands, what of it comes back after looking ahead, and what is kept must change together.
import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SequenceModel } from '../detector/sequence-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { joined } from '../statistics/joined.ts'
import { ChannelProfile, exclusionOf, PROFILE_TURNS, type ProfileSizes, type Reachable } from './channel-profile.ts'

const CHANNEL_FIELDS = ['values', 'means', 'inverses', 'products', 'newest'] as const

/**
 * Scores the newest subsequence by its distance from the nearest earlier one that was learned, channel by channel.
 *
 * @internal
 */
export class MatrixProfileModel implements SequenceModel {
  readonly #sizes: ProfileSizes
  readonly #channels: readonly ChannelProfile[]
  readonly #distances: Float64Array
  /** Scans seen, and per slot of the ring of learned scans when each was seen. */
  #seen = 0
  readonly #times: Float64Array
  /** Learned scans kept, and ever. */
  #count = 0
  #learned = 0
  /** Scans without a hole up to the newest, and how many of them in a row were learned; up to the window. */
  #whole = 0
  #row = 0
  #isKept = true
  /** Whether the oldest learned scan has left since the sums were moved on. */
  #hasMoved = false
  /** Learned scans up to here were looked through for constant subsequences, and the newest such of each channel; -1 = none. */
  #searched = 0
  readonly #constants: Float64Array
  #turn = 0
  #back: (() => void) | undefined

  constructor(sizes: ProfileSizes, floors: Float64Array, from?: SnapshotReader) {
    this.#sizes = sizes
    this.#channels = Array.from(floors, (floor) => new ChannelProfile(sizes, floor))
    this.#distances = new Float64Array(floors.length)
    this.#times = new Float64Array(sizes.history)
    this.#constants = new Float64Array(floors.length).fill(-1)
    if (from) this.#restore(from)
  }

  get ready(): boolean {
    return this.#count >= this.#sizes.window
  }

  fit({ length, rows }: LearnedScans): void {
    const width = this.#channels.length
    const first = Math.max(0, length - this.#sizes.history)
    this.#clear()
    this.#channels.forEach((channel, u) => {
      let sum = 0
      for (let i = first; i < length; i += 1) sum += rows[i * width + u]! / (length - first)
      channel.clear(length > 0 ? sum : Number.NaN)
    })
    for (let i = first; i < length; i += 1) {
      this.#push(rows.subarray(i * width, (i + 1) * width))
      this.#keep()
    }
    this.#hasMoved = false
    for (const channel of this.#channels) channel.sumUpAll(this.#count)
  }

  advance(row: Float64Array): number {
    this.#push(row)
    // The sums that are summed anew wait where the others pass by, or else go round: each has its turn either way.
    if (this.#hasMoved) this.#turn = (this.#turn + PROFILE_TURNS - 1) % PROFILE_TURNS
    const [count, hasMoved, turn] = [this.#count, this.#hasMoved, this.#turn]
    const reach: Reachable = { count, hasMoved, last: this.#lastReachable(), turn }
    this.#hasMoved = false
    this.#findConstants(reach.last)
    const isWhole = this.#whole === this.#sizes.window
    let sum = 0
    for (let u = 0; u < this.#channels.length; u += 1) {
      const channel = this.#channels[u]!
      if (!isWhole) channel.pass(reach)
      else {
        this.#distances[u] = channel.distance(reach, this.#constants[u]! >= this.#oldest + this.#sizes.window - 1)
        sum += this.#distances[u]!
      }
    }
    return isWhole && sum < Number.POSITIVE_INFINITY ? sum / this.#channels.length : Number.NaN
  }

  skip(): void {
    this.#seen += 1
    this.gap()
  }

  gap(): void {
    this.#whole = 0
    this.#row = 0
  }

  learn(): void {
    this.#keep()
  }

  explain(score: number, shares: Float64Array): void {
    let sum = 0
    for (let u = 0; u < shares.length; u += 1) sum += this.#distances[u]!
    for (let u = 0; u < shares.length; u += 1) shares[u] = sum > 0 ? score * (this.#distances[u]! / sum) : 0
  }

  mark(): void {
    const [seen, whole, row, isKept] = [this.#seen, this.#whole, this.#row, this.#isKept]
    const [hasMoved, turn, searched, constants] = [this.#hasMoved, this.#turn, this.#searched, this.#constants.slice()]
    const channels = this.#channels.map((channel) => channel.mark())
    this.#back = () => {
      this.#seen = seen
      this.#whole = whole
      this.#row = row
      this.#isKept = isKept
      this.#searched = searched
      this.#constants.set(constants)
      this.#hasMoved = hasMoved
      this.#turn = turn
      for (const back of channels) back()
    }
  }

  back(): void {
    this.#back?.()
    this.#back = undefined
  }

  state(): Record<string, unknown> {
    const channels = this.#channels.map((channel) => channel.state(this.#count))
    const { history } = this.#sizes
    const state = {
      counts: Float64Array.of(
        this.#seen,
        this.#count,
        this.#learned,
        this.#whole,
        this.#row,
        this.#searched,
        this.#turn
      ),
      flags: Float64Array.of(this.#isKept ? 1 : 0, this.#hasMoved ? 1 : 0),
      constants: this.#constants.slice(),
      times: Float64Array.from({ length: this.#count }, (_, place) => this.#times[(this.#oldest + place) % history]!),
      offsets: Float64Array.from(channels, ({ offset }) => offset)
    }
    return Object.assign(
      state,
      Object.fromEntries(CHANNEL_FIELDS.map((field) => [field, joined(channels.map((channel) => channel[field]))]))
    )
  }

  /** The oldest learned scan kept, counted from the first ever. */
  get #oldest(): number {
    return this.#learned - this.#count
  }

  #clear(): void {
    this.#seen = 0
    this.#count = 0
    this.#learned = 0
    this.#whole = 0
    this.#row = 0
    this.#isKept = true
    this.#hasMoved = false
    this.#turn = 0
    this.#searched = 0
    this.#constants.fill(-1)
  }

  #push(row: Float64Array): void {
    const { window } = this.#sizes
    if (!this.#isKept) this.#row = 0
    this.#isKept = false
    this.#seen += 1
    this.#whole = Math.min(this.#whole + 1, window)
    for (let u = 0; u < this.#channels.length; u += 1) this.#channels[u]!.push(row[u]!, this.#whole === window)
  }

  /** Learns the scan pushed last. */
  #keep(): void {
    const { window, history } = this.#sizes
    this.#row = Math.min(this.#row + 1, window)
    this.#isKept = true
    for (const channel of this.#channels) channel.learn(this.#row === window, this.#count)
    this.#times[this.#learned % history] = this.#seen
    this.#learned += 1
    this.#hasMoved = this.#count === history
    this.#count = Math.min(this.#count + 1, history)
  }

  /** The newest learned place whose subsequence ended long enough ago. */
  #lastReachable(): number {
    const { window, history } = this.#sizes
    const exclusion = exclusionOf(window)
    let place = this.#count - 1
    while (place >= 0 && this.#seen - this.#times[(this.#oldest + place) % history]! <= exclusion) place -= 1
    return place
  }

  /** Looks through the learned scans that have come within reach. */
  #findConstants(last: number): void {
    const oldest = this.#oldest
    for (let place = Math.max(0, this.#searched - oldest); place <= last; place += 1)
      for (let u = 0; u < this.#channels.length; u += 1)
        if (this.#channels[u]!.isConstant(place)) this.#constants[u] = oldest + place
    this.#searched = Math.max(this.#searched, oldest + last + 1)
  }

  #restore(from: SnapshotReader): void {
    const { history } = this.#sizes
    const [seen, count, learned, whole, row, searched, turn] = from.floats('counts', 7) as unknown as number[]
    if (!(count! >= 0 && count! <= history && learned! >= count!)) from.refuse('its counts do not fit its options')
    const [isKept, hasMoved] = from.floats('flags', 2)
    this.#seen = seen!
    this.#count = count!
    this.#learned = learned!
    this.#whole = whole!
    this.#row = row!
    this.#searched = searched!
    this.#turn = turn!
    this.#isKept = isKept === 1
    this.#hasMoved = hasMoved === 1
    this.#constants.set(from.floats('constants', this.#channels.length))
    from.floats('times', count!).forEach((time, place) => {
      this.#times[(this.#oldest + place) % history] = time
    })
    this.#restoreChannels(from)
  }

  #restoreChannels(from: SnapshotReader): void {
    const { window } = this.#sizes
    const width = this.#channels.length
    const offsets = from.floats('offsets', width)
    const fields = CHANNEL_FIELDS.map((field) =>
      from.floats(field, (field === 'newest' ? window + 1 : this.#count) * width)
    )
    this.#channels.forEach((channel, u) => {
      const part = fields.map((all) => all.slice((u * all.length) / width, ((u + 1) * all.length) / width))
      const [values, means, inverses, products, newest] = part as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array
      ]
      channel.restore({ offset: offsets[u]!, values, means, inverses, products, newest })
    })
  }
}
