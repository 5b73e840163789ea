// Over 200 lines: one state machine of requests and their answers.
import { type ByteLink, RequestQueue, type Scheduler, sleep } from '@messwerk/core/driver'
import { InUseError, NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { encodeLegacyRequest, type LegacyModel, LegacyParser } from '../../codec/index.ts'
import { answerBytes, decodeAnswer, encodeParameters, type FieldValues, type GsvCommand } from '../../commands/index.ts'
import { type Seen, withReason } from '../reason.ts'
import type { ScanSession } from '../scan-session.ts'
import { type ScanReceiver, Wire } from '../wire.ts'
import { legacyRow } from './legacy-row.ts'

/** Options of {@link LegacySession}. @internal */
export interface LegacySessionOptions {
  readonly link: ByteLink
  readonly model: LegacyModel
  readonly scheduler: Scheduler
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number
  /** Scans in a block. */
  readonly capacity: number
}

interface Request {
  readonly command: GsvCommand
  readonly bytes: Uint8Array
}

/** Where nothing has arrived for so long, nothing is on its way any more, ms. The manufacturer's programs wait as long. */
const QUIET_MS = 100
/** What was on its way when the transmission was stopped takes no longer, ms; or the timeout, if that is longer. */
const LONGEST_TAIL_MS = 500
/** Behind a write a device may be busy with its memory: so many timeouts. */
const SLOW = 5
/** What changes neither what is measured nor what is kept. */
const UNREMARKABLE: ReadonlySet<string> = new Set([
  'ResetStatus',
  'StopTransmission',
  'StartTransmission',
  'ClearBuffer',
  'UnlockConfiguration'
])

/**
 * One GSV-2, GSV-3 or GSV-4 on one link: one request in flight, a timeout on each.
 *
 * These devices acknowledge nothing, and what they answer cannot be told from measured frames: questions are asked only
 * while the transmission is off and the line is quiet.
 *
 * @internal
 */
export class LegacySession implements ScanSession {
  readonly url: string
  readonly model: LegacyModel
  readonly parser: LegacyParser
  readonly scheduler: Scheduler
  readonly timeoutMs: number
  /** Told of every command that changed something. */
  changed: ((command: string, values: FieldValues | undefined) => void) | undefined
  /** Throws before a command that must not be sent now. */
  guard: ((command: string) => void) | undefined
  transmitting = false
  readonly #link: ByteLink
  readonly #wire: Wire<LegacyParser>
  readonly #queue: RequestQueue<Request, Uint8Array>
  #current: GsvCommand | undefined
  #asked = 0
  #answers = 0
  #wrote = false
  #lateMs: number | undefined
  #wakeLate: (() => void) | undefined
  #resyncing: Promise<void> = Promise.resolve()
  #lastScan: readonly number[] = []
  #closed = false

  constructor({ link, model, scheduler, timeoutMs, capacity }: LegacySessionOptions) {
    this.url = link.url
    this.model = model
    this.scheduler = scheduler
    this.timeoutMs = timeoutMs
    this.#link = link
    this.#queue = new RequestQueue({
      send: (request) => this.#begin(request),
      scheduler,
      timeoutMs,
      resync: () => {
        this.#resyncing = this.#resynchronise()
        return this.#resyncing
      }
    })
    this.#wire = new Wire({
      link,
      scheduler,
      parser: (receiver) =>
        new LegacyParser({ ...receiver, answer: (data, code) => this.#answered(data, code) }, { model, capacity }),
      scans: () => this.#takeScan(),
      closed: (error) => this.#lost(error)
    })
    this.parser = this.#wire.parser
  }

  /** From now on measured frames go to this receiver; before, they are thrown away. */
  receive(receiver: ScanReceiver): void {
    this.#wire.receive(receiver)
  }

  /**
   * Sends a command and resolves with the values of its answer, which those that set something do not have.
   *
   * @throws RangeError when the model does not have it, or nobody knows what goes with it
   */
  async request(name: string, values?: FieldValues): Promise<FieldValues> {
    const command = legacyRow(this.model, name, this.url)
    this.guard?.(name)
    this.#checkQuiet(command)
    const bytes = encodeLegacyRequest(command.code, encodeParameters(command, values))
    const data = await this.#exchange({ command, bytes }, this.#patience(command))
    this.#note(command, values)
    return command.response.length === 0 ? {} : this.#valuesOf(command, data)
  }

  /**
   * One scan while the transmission is off. A GSV-4 has a command for it, the others are started and stopped.
   *
   * @param rate - of the device, Hz: the scan may take a period
   */
  async value(rate: number): Promise<readonly number[]> {
    const [name, measured] = this.model === 'gsv-4' ? ['GetValue', 'GetValue'] : ['StartTransmission', 'a value']
    const command: GsvCommand = { ...legacyRow(this.model, name, this.url), name: measured, answer: 'measured' }
    this.#checkQuiet(command)
    const bytes = encodeLegacyRequest(command.code)
    try {
      await this.#exchange({ command, bytes }, this.timeoutMs + 2000 / rate)
    } finally {
      if (this.model !== 'gsv-4') await this.request('StopTransmission')
    }
    return this.#lastScan
  }

  /** Waits until a resynchronisation that is under way is over; what it saw is in the error that began it. */
  async settled(error: unknown): Promise<unknown> {
    if (!(error instanceof TimeoutError) || this.#closed) return error
    await this.#resyncing.catch(() => {})
    return withReason(error, this.#seen())
  }

  pause(): void {
    this.#link.pause?.()
  }

  resume(): void {
    this.#link.resume?.()
  }

  giveUpWaiting(): void {
    this.#wire.giveUpWaiting()
  }

  /** Ends the session; the device keeps its state. */
  async close(): Promise<void> {
    this.#closed = true
    const error = new NotConnectedError(this.url, 'the session was closed')
    this.#wakeLate?.()
    this.#queue.fail(error)
    await this.#wire.close(error)
  }

  #checkQuiet({ name, response, answer }: GsvCommand): void {
    if (!this.transmitting || (response.length === 0 && answer === undefined)) return
    throw new InUseError(
      this.url,
      `${name} needs an answer, and a ${this.model} cannot be asked while it transmits; stop the transmission first`
    )
  }

  #patience({ name }: GsvCommand): number {
    if (name === 'StopTransmission') return 2 * Math.max(this.timeoutMs, LONGEST_TAIL_MS)
    return this.timeoutMs * (this.#wrote ? SLOW : 1)
  }

  async #exchange(request: Request, longest: number): Promise<Uint8Array> {
    const what = `answer to ${request.command.name} from ${this.url}`
    try {
      return await this.#queue.request(request, what, longest)
    } catch (error) {
      throw error instanceof TimeoutError ? withReason(error, this.#seen()) : error
    }
  }

  async #begin({ command, bytes }: Request): Promise<void> {
    const { name, response, answer } = command
    this.#current = command
    this.#asked = this.scheduler.elapsed()
    // Nothing is on its way: what comes begins with its first byte.
    if (!this.transmitting && (answer || name === 'StartTransmission')) this.parser.start()
    if (response.length > 0 && this.model !== 'gsv-4') this.parser.expectAnswer(answerBytes(command) as number)
    await this.#wire.write(bytes)
    if (answer || response.length > 0) return
    if (name === 'StopTransmission') await this.#quiet()
    this.#answer(new Uint8Array())
  }

  /** Waits until nothing comes any more. @throws what says why it does not end */
  async #quiet(): Promise<void> {
    const longest = Math.max(this.timeoutMs, LONGEST_TAIL_MS)
    const until = this.scheduler.elapsed() + longest
    let before = -1
    while (this.#wire.bytes !== before && !this.#closed) {
      if (this.scheduler.elapsed() > until) {
        throw withReason(new TimeoutError(`end of the transmission from ${this.url}`, longest), this.#seen())
      }
      before = this.#wire.bytes
      await sleep(QUIET_MS, this.scheduler)
    }
    if (!this.#wire.receiver) this.parser.reset()
  }

  #answered(data: Uint8Array, code: number | undefined): void {
    this.#answers += 1
    const current = this.#current
    if (!current) {
      this.#lateMs = Math.round(this.scheduler.elapsed() - this.#asked)
      this.#wakeLate?.()
      return
    }
    // A GSV-4 says what it answers: it may be an earlier question.
    if (code === undefined || code === current.code) this.#answer(data.slice())
  }

  #takeScan(): void {
    if (this.#current?.answer !== 'measured') return
    const { values, length, objects, capacity } = this.parser.scans
    if (length === 0) return
    this.#lastScan = Array.from({ length: objects }, (_, c) => values[c * capacity + length - 1] as number)
    this.#answer(new Uint8Array())
  }

  #answer(data: Uint8Array): void {
    this.#current = undefined
    this.#queue.answer(data)
  }

  #note({ name, direction, response }: GsvCommand, values: FieldValues | undefined): void {
    if (name === 'StartTransmission') this.transmitting = true
    if (name === 'StopTransmission') this.transmitting = false
    if (response.length > 0) this.#wrote = false
    if (direction === 'read' || UNREMARKABLE.has(name)) return
    this.#wrote = true
    this.changed?.(name, values)
  }

  /** After a timeout: gives an answer that is late the time to come, so that it is not taken for the next one. */
  async #resynchronise(): Promise<void> {
    this.#current = undefined
    await new Promise<void>((resolve) => {
      const cancel = this.scheduler.after(this.timeoutMs, resolve)
      this.#wakeLate = () => {
        cancel()
        resolve()
      }
      if (this.#closed) this.#wakeLate()
    })
    this.#wakeLate = undefined
    if (this.#closed) return
    await this.#wire.write(encodeLegacyRequest(legacyRow(this.model, 'StopTransmission', this.url).code))
    this.transmitting = false
    await this.#quiet().catch(() => {})
    if (!this.#wire.receiver) this.parser.reset()
  }

  #lost(error: Error | undefined): void {
    this.#closed = true
    this.#wakeLate?.()
    this.#queue.fail(error ?? new NotConnectedError(this.url, 'the link has ended'))
  }

  #valuesOf(command: GsvCommand, data: Uint8Array): FieldValues {
    try {
      return decodeAnswer(command, data)
    } catch (cause) {
      throw new ProtocolError(
        `${this.url} answered ${command.name} with ${data.length} data bytes, expected ${answerBytes(command)}; is it a ${this.model}?`,
        { cause }
      )
    }
  }

  #seen(): Seen {
    const { url, model } = this
    const { bytes, heard, parser } = this.#wire
    return { url, model, bytes, answers: this.#answers, heard, scans: parser.decoded, lateMs: this.#lateMs }
  }
}
