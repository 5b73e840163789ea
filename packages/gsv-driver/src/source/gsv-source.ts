import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import {
  type Batch,
  type Duration,
  durationMs,
  type ReadOptions,
  type Size,
  type Source,
  sizeBytes
} from '@messwerk/core/model'
import type { LegacyModel } from '../codec/index.ts'
import type { Gsv } from '../device/gsv.ts'
import { checkModel, isLegacy } from '../device/legacy/legacy-model.ts'
import { rateRequest } from '../device/legacy/legacy-rate.ts'
import { checkLegacy } from '../device/legacy/open-legacy.ts'
import type { GsvDevice } from '../device/probe.ts'
import { checkUrl } from '../link/open-link.ts'
import type { SerialportLib } from '../link/serial-link.ts'
import { LastRead } from './last-read.ts'
import type { LegacySourceOptions } from './legacy/legacy-options.ts'
import { type AnySourceOptions, type ReadSettings, readGsv } from './read-gsv.ts'
import { checkReader } from './worker/check-reader.ts'
import type { WorkerReader } from './worker/worker-reader.ts'

/**
 * Options of {@link gsvSource}. Either `url` or `link`.
 *
 * @example
 * ```ts
 * import type { GsvSourceOptions } from '@messwerk/gsv-driver'
 *
 * const options: GsvSourceOptions<'force_x'> = { url: 'serial:/dev/ttyACM0', channels: { 1: 'force_x' } }
 * options.url // => 'serial:/dev/ttyACM0'
 * ```
 */
export interface GsvSourceOptions<C extends string = string> {
  /** `tcp://host:port` or `serial:/dev/ttyACM0`. */
  readonly url?: string
  /** A link of one's own, or what opens one each time that the source is read. */
  readonly link?: ByteLink | (() => ByteLink | Promise<ByteLink>)
  /** Name by channel of the device, 1 to 16; others are left out. @defaultValue all, by the names of the device */
  readonly channels?: Readonly<Record<number, C>>
  /**
   * Channel of the device, 1 to 16, that carries the number of the scan: losses are then counted exactly, whatever the
   * arrivals look like. It counts modulo 2^24 (int16: 2^16), one for each scan. It is a channel of the stream as others are.
   *
   * @defaultValue none: losses are inferred from the arrivals
   */
  readonly counterChannel?: number
  /** Id of the stream. @defaultValue `gsv-` and the serial number */
  readonly id?: string
  /** Scans per second, Hz; written to the device when it has another. @defaultValue the device's own, nothing written */
  readonly rate?: number
  /** Whether requests, answers and measured frames carry checksums; until it is opened again. @defaultValue as it is */
  readonly crc?: boolean
  /** Longest wait for an answer of the device. @defaultValue '1s' */
  readonly timeout?: Duration
  /** Longest block, and longest time that a scan waits for its block to fill. @defaultValue { scans: 256, age: '20ms' } */
  readonly block?: { readonly scans?: number; readonly age?: Duration }
  /** What is decoded and not asked for, at most; what is beyond becomes a gap `overflow`. @defaultValue '16MiB' */
  readonly buffer?: Size
  /** Of a serial port with a UART behind it; USB ignores it. @defaultValue 115200; with `model: 'gsv-6'` 230400 */
  readonly baudRate?: number
  /**
   * Which model has to be there; `auto` is whichever of the two. A GSV-4, GSV-3 or GSV-2 needs its model, see `LegacySourceOptions`.
   *
   * @defaultValue 'auto'
   */
  readonly model?: 'auto' | 'gsv-8' | 'gsv-6'
  /**
   * Where link and decoding run: in the thread that reads the source, or in a worker thread of their own, so that
   * a slow detector delays no reading. Blocks cross without a copy; what is not asked for waits there, within `buffer`.
   * `worker` goes with `url` only, without `lib`, `scheduler` and `onDevice`.
   *
   * @defaultValue 'inline'
   */
  readonly reader?: 'inline' | 'worker'
  /** The package `serialport`, where it cannot be imported by its name. */
  readonly lib?: SerialportLib
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
  /**
   * Called when the device has said what it is, before it transmits; again after each reconnection. With `gsv` commands
   * can be given while scans flow, zero or digital lines for example; it ends with the reading.
   */
  readonly onDevice?: (device: GsvDevice, gsv: Gsv) => void
}

/**
 * Measurements of a GSV-8 or GSV-6 amplifier; of a GSV-4, GSV-3 or GSV-2 with `model`.
 *
 * - Values are physical, in the unit of the device as a UCUM code; integers are scaled by user scale and offset.
 * - Times are those of a fitted sample clock (`device`), with its uncertainty: the device sends none.
 * - Scans that the device flags as saturated, or as beyond a six-axis sensor's limits, are `uncertain`: in the channels that
 *   the device names when it is asked (twice a second at most) and in values at the end of their range, in all channels
 *   until it has answered or where the answer leaves it open.
 * - Notices: commands that changed something while it reads, by name, `SetZero` for example. What would change the meaning of
 *   frames (rate, data type, scale, unit, inputs) is refused with InUseError meanwhile.
 * - A device that sends nothing for 1 s (or 20 periods) is reported as degraded, after twice that as not connected.
 * - Gaps: `resync` for damaged frames, `lost` for frames that never came (`sequence` with a `counterChannel`), `overflow` for what nobody asked for in time;
 *   at the very end as a notice with the rule `gap`. `reconnect` when it is read again: counted by the clock (or the
 *   `counterChannel`, exactly) where this source was read before; where another process was, the same behind a spool, else
 *   unknown.
 * - Position: number of the scan, missing ones counted. Replay: none.
 *
 * A GSV-4, GSV-3 or GSV-2 says nothing of a saturation but the value: scans at the end of what a frame can say are `uncertain` in that channel. What
 * a GSV-3 measures is the part of its range unless `scales` are given.
 *
 * Nothing is written to the device unless `rate` is given. The transmission is stopped first and at the end.
 *
 * @throws TypeError or RangeError at once for wrong options. While reading: NotConnectedError when the device cannot be
 * reached, is silent or the link is lost (after all that was received), TimeoutError when it does not answer, ProtocolError when
 * something else answers, GsvError when it refuses a command, ShapeMismatchError when it has fewer channels than
 * are named, MissingDependencyError when the package `serialport` is needed and not installed
 *
 * @example
 * ```ts
 * import { gsvSource } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv({ rate: 1000 })
 * const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '10s' }), channels: { 1: 'force_x' } })
 * const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
 * let scans = 0
 * for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
 *   for (const block of batch.blocks) scans += block.length
 * }
 * scans // => 10000
 * ```
 */
export function gsvSource<const C extends string = string>(options: GsvSourceOptions<C>): Source<C>
export function gsvSource<const C extends string = string, M extends LegacyModel = LegacyModel>(
  options: LegacySourceOptions<C, M>
): Source<C>
export function gsvSource<const C extends string = string>(options: AnySourceOptions<C>): Source<C>
export function gsvSource<const C extends string = string>(options: AnySourceOptions<C>): Source<C> {
  const settings = check(options)
  const last = new LastRead()
  const apart = options.reader === 'worker' ? readApart(options, settings) : undefined
  return {
    id: options.id ?? options.url ?? (typeof options.link === 'object' ? options.link.url : 'gsv'),
    replay: 'none',
    read: (how) => (apart ? apart(how) : readGsv(options, settings, last, how)) as AsyncIterable<Batch<C>>
  }
}

/** In a thread of its own; what makes threads is loaded only for it, as browsers have others. */
function readApart(options: AnySourceOptions, settings: ReadSettings): (how: ReadOptions) => AsyncGenerator<Batch> {
  let reader: WorkerReader | undefined
  return async function* (how) {
    const { WorkerReader } = await import('./worker/worker-reader.ts')
    reader ??= new WorkerReader(options, settings)
    yield* reader.read(how)
  }
}

function check(o: AnySourceOptions): ReadSettings {
  if ((o.url === undefined) === (o.link === undefined)) throw new TypeError('gsvSource: give either url or link')
  if (o.url !== undefined) checkUrl(o.url, 'gsvSource')
  checkReader(o)
  checkModel(o.model, 'gsvSource')
  if (isLegacy(o)) checkLegacy(o, 'gsvSource')
  const scans = o.block?.scans ?? 256
  if (!(Number.isInteger(scans) && scans > 0)) {
    throw new RangeError(`gsvSource: block.scans must be a positive whole number, got ${scans}`)
  }
  if (o.rate !== undefined && !(o.rate > 0)) throw new RangeError(`gsvSource: rate must be above 0 Hz, got ${o.rate}`)
  if (o.rate !== undefined && isLegacy(o)) rateRequest(o.model, o.rate, 'gsvSource')
  for (const number of Object.keys(o.channels ?? { 1: '' })) {
    if (!(Number(number) >= 1 && Number(number) <= 16 && Number.isInteger(Number(number)))) {
      throw new RangeError(`gsvSource: channels must be numbered 1 to 16 as on the device, got '${number}'`)
    }
  }
  const { counterChannel: counter = 1 } = o
  if (!(Number.isInteger(counter) && counter >= 1 && counter <= 16))
    throw new RangeError(`gsvSource: counterChannel must be a channel from 1 to 16, got ${counter}`)
  if (o.channels && Object.keys(o.channels).length === 0)
    throw new RangeError('gsvSource: channels must name at least one')
  return {
    scans,
    ageMs: durationMs(o.block?.age ?? '20ms', 'gsvSource: block.age'),
    timeoutMs: durationMs(o.timeout ?? '1s', 'gsvSource: timeout'),
    bufferBytes: sizeBytes(o.buffer ?? '16MiB', 'gsvSource: buffer'),
    scheduler: o.scheduler ?? systemTime
  }
}
