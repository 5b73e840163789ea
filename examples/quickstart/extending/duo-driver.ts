import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import { FrameReader, lengthFrames, RequestQueue, ScanBlocks, sleep, systemTime } from '@messwerk/core/driver'
import type { Size, Source, Stream } from '@messwerk/core/model'
import { defineStream, NotConnectedError, ProtocolError, Quality, sizeBytes } from '@messwerk/core/model'

/** Requests are one byte; each is answered by a text, which may be empty. */
const Request = { describe: 0x3f, start: 0x47, stop: 0x48 } as const

const SCAN = 0xa5 // A5 status force travel sum; the values are hundredths, 16 bits, little-endian
const SCAN_BYTES = 7
const ANSWER = 0xa6 // A6 length text sum

const frames = lengthFrames({
  header: 2,
  maxBytes: 258,
  length(bytes, at) {
    if (bytes[at] === SCAN) return SCAN_BYTES
    return bytes[at] === ANSWER ? 3 + (bytes[at + 1] as number) : 0
  },
  check: (bytes, from, to) => sumOf(bytes, from, to - 1) === bytes[to - 1]
})

/** Sum of the bytes from `from` to before `to`, modulo 256. */
export function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at += 1) sum += bytes[at] as number
  return sum & 0xff
}

export interface DuoOptions {
  /** Opens the line to the transmitter each time that the source is read. */
  readonly link: () => ByteLink
  /** Id of the stream. */
  readonly id: string
  /** What is decoded and not asked for, at most. @defaultValue '4MiB' */
  readonly buffer?: Size
  readonly scheduler?: Scheduler
}

/**
 * A "duo" transmitter for force and travel. It tells its rate and units, sends scans without a time once it was started,
 * and keeps nothing: what is not received is gone.
 */
export function duoSource({ link: open, id, buffer = '4MiB', scheduler = systemTime }: DuoOptions): Source<Channel> {
  sizeBytes(buffer, 'duoSource: buffer')
  return {
    id,
    replay: 'none',
    async *read({ signal, from, report }) {
      if (signal.aborted) return
      const duo = new Duo(open(), scheduler)
      const stop = (): void => void duo.stop()
      try {
        const { stream, rate } = describe(await duo.ask(Request.describe), id)
        const scans = new ScanBlocks({ stream, rate, buffer, after: from[id], scheduler })
        duo.deliverTo(scans)
        signal.addEventListener('abort', stop, { once: true })
        if (!signal.aborted) await duo.ask(Request.start)
        for await (const batch of scans) {
          report?.({ state: 'running' })
          yield batch
        }
      } finally {
        signal.removeEventListener('abort', stop)
        await duo.close()
      }
    }
  }
}

type Channel = 'force' | 'travel'

/** The stream that a transmitter tells of as `rate=500;force=kN;travel=mm`. */
function describe(text: string, id: string): { readonly stream: Stream<Channel>; readonly rate: number } {
  const told = Object.fromEntries(text.split(';').map((part) => part.split('=')))
  const rate = Number(told.rate)
  if (!(rate > 0 && told.force && told.travel)) throw new ProtocolError(`'${text}' does not describe a duo transmitter`)
  const channels = (['force', 'travel'] as const).map((name) => ({ name, unit: String(told[name]), resolution: 0.01 }))
  return { stream: defineStream({ id, channels, rate }), rate }
}

/** The line: finds frames, gives answers to the requests and scans to the blocks. */
class Duo {
  readonly #link: ByteLink
  readonly #scheduler: Scheduler
  readonly #requests: RequestQueue<number, string>
  readonly #reader: FrameReader
  readonly #values = [0, 0]
  #scans: ScanBlocks | undefined

  constructor(link: ByteLink, scheduler: Scheduler) {
    this.#link = link
    this.#scheduler = scheduler
    const send = (request: number): Promise<void> => link.write(Uint8Array.of(request))
    this.#requests = new RequestQueue({ send, scheduler, timeoutMs: 1000 })
    this.#reader = new FrameReader(frames, {
      frame: (bytes, from, to) => this.#frame(bytes, from, to),
      skipped: (bytes) => this.#scans?.missing(Math.ceil(bytes / SCAN_BYTES), 'resync')
    })
    link.start({
      data: (bytes, at) => {
        this.#reader.push(bytes)
        this.#scans?.arrived(at)
      },
      closed: (error) => this.#end(new NotConnectedError(link.url, error?.message ?? 'the transmitter hung up'))
    })
  }

  ask(request: number): Promise<string> {
    return this.#requests.request(request, `answer to ${String.fromCharCode(request)} from ${this.#link.url}`)
  }

  deliverTo(scans: ScanBlocks): void {
    this.#scans = scans
  }

  /** Ends the transmission; what is on its way is still taken. */
  async stop(): Promise<void> {
    await this.ask(Request.stop).catch(() => {})
    await sleep(10, this.#scheduler)
    this.#end()
  }

  async close(): Promise<void> {
    await this.#link.close()
    this.#end()
  }

  #end(error?: Error): void {
    this.#reader.end()
    if (error) this.#requests.fail(error)
    this.#scans?.end(error)
  }

  #frame(bytes: Uint8Array, from: number, to: number): void {
    if (bytes[from] === ANSWER) {
      this.#requests.answer(new TextDecoder().decode(bytes.subarray(from + 2, to - 1)))
      return
    }
    this.#values[0] = int16(bytes, from + 2) / 100
    this.#values[1] = int16(bytes, from + 4) / 100
    // bit 0 of the status: an input is saturated
    this.#scans?.add(this.#values, (bytes[from + 1] as number) & 1 ? Quality.uncertain : Quality.good)
  }
}

function int16(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) << 16) >> 16
}
