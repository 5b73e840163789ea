import { type Part, splitOf } from './kafka-client.ts'
import { type DecoderOptions, SplitDecoder } from './split-decoder.ts'

/** What a source knows of its partitions over reconnections. @internal */
export class SplitDecoders {
  /** Id that the group gave to this member. */
  member = ''
  readonly #options: DecoderOptions
  readonly #decoders = new Map<string, SplitDecoder>()
  /** Splits that began where `start` says, once. */
  readonly #begun = new Set<string>()

  constructor(options: DecoderOptions) {
    this.#options = options
  }

  /** A partition that is to be read from an offset; its streams go on where it stood there. */
  of(part: Part, next: number): SplitDecoder {
    const split = splitOf(part)
    this.#begun.add(split)
    const known = this.#decoders.get(split)
    if (known?.next === next) {
      known.wanted = known.begun = next
      return known
    }
    const decoder = new SplitDecoder(part, next, this.#options)
    this.#decoders.set(split, decoder)
    return decoder
  }

  hasBegun(split: string): boolean {
    return this.#begun.has(split)
  }

  /** It was taken away. */
  gone(split: string): void {
    this.#decoders.delete(split)
  }

  /** What we had and have no more; forgets it. */
  notIn(splits: readonly string[]): string[] {
    const gone = Array.from(this.#decoders.keys()).filter((split) => !splits.includes(split))
    for (const split of gone) this.#decoders.delete(split)
    return gone
  }

  all(): Iterable<SplitDecoder> {
    return this.#decoders.values()
  }
}
