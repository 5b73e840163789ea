import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { type Batch, DecodeError, type GapCause, type Rejected } from '@messwerk/core/model'
import type { Payload, UserProperties } from '../payload/payload.ts'
import { ScanBuffer } from '../payload/scan-buffer.ts'
import type { StreamLane } from '../payload/stream-lane.ts'
import type { TopicRoutes } from './topic-routes.ts'

/** What the intake reads of a PUBLISH packet. @internal */
export interface Message {
  readonly topic: string
  readonly payload: Uint8Array
  /** Of the wire. */
  readonly qos: number
  readonly messageId?: number | undefined
  readonly dup: boolean
  readonly properties?: { readonly userProperties?: UserProperties | undefined } | undefined
}

/** @internal */
export interface IntakeOptions {
  readonly split: string
  readonly payload: Payload<string>
  readonly maxPayload: number
  readonly routes: TopicRoutes
  readonly now: () => number
  /** Told when a publisher counts anew. */
  readonly restarted: (topic: string) => void
}

const KEPT_OF_REJECTED = 64 * 1024
const PER_MESSAGE_BYTES = 48

/**
 * Makes batches of messages. What has arrived since the last look is one batch; a message that may be a redelivery is
 * one of its own.
 *
 * @internal
 */
export class MessageIntake {
  /** Payload bytes that wait. */
  bytes = 0
  /** Position of the last message. */
  position: number
  readonly #options: IntakeOptions
  readonly #scans: ScanBuffer
  #ready: Batch[] = []
  #rejected: Rejected[] = []
  #ids = new Float64Array(256)
  #idCount = 0
  #openMessages = 0

  constructor(options: IntakeOptions, position: number) {
    this.#options = options
    this.position = position
    this.#scans = new ScanBuffer(Object.keys(options.payload.channels).length)
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0 && this.#openMessages === 0
  }

  /** Takes a message; returns its position. */
  add(message: Message): number {
    if (message.dup) this.#seal(false)
    this.position += 1
    this.#openMessages += 1
    this.bytes += message.payload.length + PER_MESSAGE_BYTES
    this.#decode(message, this.position)
    // a batch ends with the message that was rejected: its hole lies behind the batch, and its position is the batch's
    if (message.dup || this.#rejected.length > 0) this.#seal(message.dup)
    return this.position
  }

  /** Passes a message over; its position is handed over like that of others, so that it is acknowledged in its turn. */
  skip(): number {
    this.position += 1
    this.#openMessages += 1
    return this.position
  }

  /** The next batch, if anything waits. */
  take(): Batch | undefined {
    if (this.#ready.length === 0) this.#seal(false)
    const batch = this.#ready.shift()
    if (this.isEmpty) this.bytes = 0
    return batch
  }

  #decode(message: Message, position: number): void {
    const { topic, payload, qos, messageId, dup } = message
    const { maxPayload, payload: rules, routes, now } = this.#options
    const { lane, crc } = routes.of(topic)
    const id = qos > 0 ? (messageId as number) * 2 ** 32 + crc32(payload, crc) : undefined
    if (id !== undefined) this.#addId(id)
    if (!lane) return this.#reject(message, 'matches no topic template', position)
    const scans = this.#scans
    scans.clear()
    const rule =
      payload.length > maxPayload
        ? `is too large: ${payload.length} B, maxPayload is ${maxPayload} B`
        : rules.decode(payload, topic, scans, message.properties?.userProperties)
    if (rule !== undefined) return this.#refuse(message, rule, position, lane, 'rejected')
    if (!rules.hasTime) lane.stampArrival(scans, now())
    else if (!dup && lane.isLate(scans)) {
      return this.#refuse(
        message,
        `its time lies before the last one of stream '${lane.stream.id}'`,
        position,
        lane,
        'late'
      )
    }
    routes.list(lane)
    if (scans.gap) lane.declare(scans.gap)
    if (lane.add(scans, position, dup, id) === 'restarted') this.#options.restarted(topic)
  }

  /** Rejects a message of a stream, and declares its scans as missing. */
  #refuse(message: Message, why: string, position: number, lane: StreamLane, cause: GapCause): void {
    const { held } = this.#scans
    const isUntold = held !== 0 && lane.refuse({ scans: held ?? 'unknown', cause })
    this.#reject(message, why, position, isUntold ? { stream: lane.stream.id, scans: held, cause } : undefined)
  }

  #reject(
    { topic, payload }: Message,
    why: string,
    position: number,
    hole?: Pick<Rejected, 'stream' | 'scans' | 'cause'>
  ): void {
    const error = new DecodeError(`${topic}, message ${position}`, why)
    // a view would keep the whole chunk of the socket alive
    this.#rejected.push({ error, payload: Buffer.from(payload.subarray(0, KEPT_OF_REJECTED)), from: topic, ...hole })
  }

  #addId(id: number): void {
    if (this.#idCount === this.#ids.length) {
      const larger = new Float64Array(this.#ids.length * 4)
      larger.set(this.#ids)
      this.#ids = larger
    }
    this.#ids[this.#idCount] = id
    this.#idCount += 1
  }

  #seal(redelivered: boolean): void {
    if (this.#openMessages === 0) return
    const ids = this.#idCount > 0 ? this.#ids.slice(0, this.#idCount) : undefined
    const rejected = this.#rejected.length > 0 ? this.#rejected : undefined
    const { blocks, sequences } = this.#options.routes.take()
    this.#ready.push({
      split: this.#options.split,
      position: this.position,
      blocks,
      sequences,
      rejected,
      ids,
      redelivered: redelivered ? true : undefined
    })
    this.#rejected = []
    this.#idCount = 0
    this.#openMessages = 0
  }
}
