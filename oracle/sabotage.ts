// Bugs planted in the process under test, to see the oracle notice each.
import { type Operator, operator } from '@messwerk/core'
import {
  type Batch,
  type Block,
  column,
  type Kernel,
  type MeasurementEvent,
  type Positions,
  type ReadOptions,
  replaceChannels,
  type Sink,
  type Source,
  type Stream,
  timeOf
} from '@messwerk/core/model'
import type { Sabotage } from './protocol.ts'
import { WINDOW_MS } from './records.ts'
import type { SubjectSinks } from './subject-sinks.ts'

/** `resume-ahead`: goes on a little behind the checkpoint. */
export function sabotagedSource(source: Source<'v'>, sabotage: Sabotage | undefined): Source<'v'> {
  if (sabotage !== 'resume-ahead') return source
  const ahead = (from: Positions): Positions =>
    Object.fromEntries(Object.entries(from).map(([split, position]) => [split, position + 5]))
  const read = (options: ReadOptions): AsyncIterable<Batch<'v'>> => {
    const { from, splits } = options
    const assigned = async (split: string): Promise<number | undefined> => {
      const position = await splits.assigned(split)
      return position === undefined ? undefined : position + 5
    }
    const { revoked, lost } = splits
    return source.read({ ...options, from: ahead(from), splits: { assigned, revoked, lost } })
  }
  return { id: source.id, replay: source.replay, read, commit: async (at) => source.commit?.(at) }
}

/** Windows as one writes them in five minutes: right until the process ends, as nobody keeps what they hold. */
export function forgetfulWindows(): Operator<'v', 'v.rms', 'replace'> {
  return operator({
    id: 'rms',
    needs: ['v'],
    adds: ['v.rms'],
    mode: 'replace',
    kernel: (stream) => new ForgetfulWindows(stream)
  })
}

class ForgetfulWindows implements Kernel {
  readonly output: Stream
  #end = 0
  #sum = 0
  #used = 0

  constructor(stream: Stream) {
    this.output = replaceChannels(stream, [{ name: 'v.rms', unit: 'mm/s', role: 'feature' }], undefined)
  }

  process(block: Block): Block[] {
    const windows: Block[] = []
    const values = column(block, 'v')
    for (let i = 0; i < block.length; i += 1) {
      const ms = timeOf(block, i)
      if (ms >= this.#end) {
        if (this.#used > 0) windows.push(this.#window(block))
        this.#end = (Math.floor(ms / WINDOW_MS) + 1) * WINDOW_MS
      }
      this.#sum += values[i]! * values[i]!
      this.#used += 1
    }
    return windows
  }

  #window({ origin }: Block): Block {
    const values = Float64Array.of(Math.sqrt(this.#sum / this.#used))
    this.#sum = this.#used = 0
    const { split, position } = origin
    const time = {
      start: BigInt(this.#end) * 1_000_000n,
      clock: 'source',
      uncertainty: 0,
      offsets: Float64Array.of(0)
    } as const
    return { stream: this.output, length: 1, values, time, origin: { split, position } }
  }
}

export function sabotagedSinks(sinks: SubjectSinks, sabotage: Sabotage | undefined): SubjectSinks {
  switch (sabotage) {
    case 'drop-row':
      return { ...sinks, raw: once(sinks.raw, (block) => block.length > 1, withoutFirst) }
    case 'double-row':
      return { ...sinks, raw: once(sinks.raw, () => true, firstTwice) }
    case 'drop-gap':
      return { ...sinks, raw: mapped(sinks.raw, (block) => [{ ...block, gap: undefined }]) }
    case 'event-clock':
      return {
        ...sinks,
        events: mapped(sinks.events, (event: MeasurementEvent) => [{ ...event, id: `${event.id}/${Date.now()}` }])
      }
    default:
      return sinks
  }
}

function mapped<T>(sink: Sink<T>, change: (item: T) => readonly T[]): Sink<T> {
  return {
    id: sink.id,
    open: (signal) => sink.open?.(signal) ?? Promise.resolve(),
    write: (items, signal) => sink.write(items.flatMap(change), signal),
    close: () => sink.close?.() ?? Promise.resolve()
  }
}

/** Changes the first item that is fit for it. */
function once<T>(sink: Sink<T>, fits: (item: T) => boolean, change: (item: T) => readonly T[]): Sink<T> {
  let done = false
  return mapped(sink, (item) => {
    if (done || !fits(item)) return [item]
    done = true
    return change(item)
  })
}

function withoutFirst(block: Block): Block[] {
  return [part(block, 1, block.length, 0)]
}

/** The first scan once more, half a ms later. */
function firstTwice(block: Block): Block[] {
  return [part(block, 0, 1, 0), part(block, 0, 1, 500_000), ...(block.length > 1 ? withoutFirst(block) : [])]
}

function part(block: Block, from: number, to: number, shift: number): Block {
  const { stream, values, time, origin, length } = block
  const width = stream.channels.length
  const cut = new Float64Array(width * (to - from))
  for (let c = 0; c < width; c += 1) cut.set(values.subarray(c * length + from, c * length + to), c * (to - from))
  const { start, clock, uncertainty } = time
  const offsets = Float64Array.from({ length: to - from }, (_, i) => {
    return shift + (time.offsets?.[from + i] ?? (time.period ?? 0) * (from + i))
  })
  const { split, position } = origin
  const positions = origin.positions?.slice(from, to)
  return {
    stream,
    length: to - from,
    values: cut,
    time: { start, clock, uncertainty, offsets },
    gap: from === 0 ? block.gap : undefined,
    origin: { split, position: positions?.at(-1) ?? position, positions }
  }
}
