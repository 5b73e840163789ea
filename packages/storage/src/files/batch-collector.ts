import { type Batch, type Block, defineStream, type GapCause, type MeasurementEvent } from '@messwerk/core/model'
import type { ReplayPlan } from './replay-plan.ts'
import type { RowParser } from './row-parser.ts'
import { StreamWriter } from './stream-writer.ts'

/** A batch covers at most this many blocks' worth of lines, however many streams they belong to. */
const BLOCKS_IN_BATCH = 16

/**
 * Gives each line to its stream and makes batches of what the streams have collected.
 *
 * @internal
 */
export class BatchCollector {
  readonly #plan: ReplayPlan
  readonly #writers = new Map<string, StreamWriter>()
  readonly #active = new Set<StreamWriter>()
  #current: StreamWriter | undefined
  #group: string | undefined
  #closed: Block[] = []
  #ready = false
  #lines = 0
  /** Bad lines before the first line that says to which stream it belongs. */
  #orphans = 0

  constructor(plan: ReplayPlan) {
    this.#plan = plan
  }

  /** Whether a batch should be taken now. */
  get ready(): boolean {
    return this.#ready || this.#lines >= BLOCKS_IN_BATCH * this.#plan.blockScans
  }

  /** Whether there is anything to take. */
  get collected(): boolean {
    return this.#closed.length > 0 || this.#active.size > 0
  }

  /** The stream of the next line, after a change of group was heeded. */
  writerOf(group: string | undefined): StreamWriter {
    if (this.#current && group === this.#group) return this.#current
    const { stream, options } = this.#plan
    const changed = this.#group !== undefined && group !== this.#group
    const byGroup = options.group?.as === 'streams'
    const id = byGroup ? (stream === undefined ? group : `${stream}/${group}`) : stream
    const known = this.#writers.get(id as string)
    const writer = known ?? this.#newWriter(id as string, byGroup ? group : undefined)
    if (!byGroup && changed) {
      this.#close(writer)
      writer.pause()
    }
    this.#group = group
    this.#current = writer
    return writer
  }

  /** Takes a good line. */
  add(writer: StreamWriter, row: RowParser, position: number): void {
    if (writer.full) this.#close(writer)
    if (writer.length === 0) this.#active.add(writer)
    writer.add(row, position)
    this.#lines += 1
    if (writer.length === this.#plan.blockScans) {
      this.#close(writer)
      this.#ready = true
    }
  }

  /** Declares a line that could not be used. */
  miss(group: string | undefined, cause: GapCause): void {
    this.#lines += 1
    if (this.#plan.options.group && group === undefined) {
      this.#orphans += 1
      return
    }
    const writer = this.writerOf(group)
    this.#close(writer)
    writer.miss(1, cause)
  }

  /** What has been collected, up to a line; undefined when there is nothing. */
  take(position: number): Batch | undefined {
    for (const writer of this.#active) this.#closed.push(writer.take())
    this.#active.clear()
    const blocks = this.#closed
    this.#closed = []
    this.#ready = false
    this.#lines = 0
    return blocks.length > 0 ? { split: this.#plan.id, position, blocks } : undefined
  }

  /** Notices of what is missing at the end of the data, where no block follows that could carry it. */
  trailingGaps(position: number): MeasurementEvent[] {
    const { id: split } = this.#plan
    return [...this.#writers.values()].flatMap(({ gap, stream, last }): MeasurementEvent[] => {
      if (!gap) return []
      const start = Number(last / 1_000_000n) + Number(last % 1_000_000n) / 1e6
      const id = `${stream.id}/gap/${last}`
      return [
        {
          id,
          kind: 'notice',
          phase: 'end',
          stream: stream.id,
          rule: 'gap',
          start,
          end: start,
          origin: { split, position },
          data: gap
        }
      ]
    })
  }

  #close(writer: StreamWriter): void {
    if (writer.length === 0) return
    this.#closed.push(writer.take())
    this.#active.delete(writer)
  }

  #newWriter(id: string, group: string | undefined): StreamWriter {
    const { channels, options } = this.#plan
    const column = options.group?.column as string
    const tags = group === undefined ? {} : { [column]: group }
    const writer = new StreamWriter(defineStream({ id, channels, rate: options.rate, tags }), this.#plan)
    if (this.#orphans > 0) writer.miss(this.#orphans, 'rejected')
    this.#orphans = 0
    this.#writers.set(id, writer)
    return writer
  }
}
