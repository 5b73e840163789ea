// Over 200 lines: one state machine of requests and their answers.
import { type ByteLink, RequestQueue, type Scheduler, sleep } from '@messwerk/core/driver'
import { NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import { encodeRequestFrame, GsvParser, type IntegerEncoding } from '../codec/index.ts'
import {
  accessOf,
  answerBytes,
  type CommandName,
  commandByName,
  decodeAnswer,
  encodeParameters,
  type FieldValues,
  type GsvCommand,
  GsvError,
  type GsvModel,
  gsvCommands,
  isAvailable,
  isSuccess,
  type RequestOf,
  type ResponseOf
} from '../commands/index.ts'
import { type Seen, withReason } from './reason.ts'
import { Resync } from './resync.ts'
import { rounded } from './rounded.ts'
import type { ScanSession } from './scan-session.ts'
import { SLOW_COMMANDS } from './slow-commands.ts'
import { type ScanReceiver, Wire } from './wire.ts'

/** Options of {@link GsvSession}. @internal */
export interface SessionOptions {
  readonly link: ByteLink
  readonly scheduler: Scheduler
  /** Longest wait for an answer, ms. */
  readonly timeoutMs: number
  /** Scans in a block. */
  readonly capacity: number
  /** Whether requests carry a CRC-8; answers then do too. @defaultValue false */
  readonly crc?: boolean
}

interface Answer {
  readonly status: number
  readonly data: Uint8Array
}

/** Data bytes from which on a response is a long one. */
const LONG = 15
const WRONG_NUMBER = 0x5b // parameters are of the other form that the table has for the command
/** A GSV-6 is away for so long after ResetDevice, ms. */
const RESET_MS = 700
/** Commands that write to slow memory may take so many times longer. */
const SLOW = 5
/** Actions that write nothing and still change the values behind them. */
const CHANGING_ACTIONS: ReadonlySet<string> = new Set<CommandName>(['SetInjectValOrOffset', 'ResetDevice'])

/**
 * One device on one link: one request in flight, a timeout on each, measured frames flow while commands run.
 *
 * A response does not say what it answers, so after a timeout the transmission is stopped and what comes late is thrown
 * away, before the next request is sent. Nothing is shared between sessions.
 *
 * @internal
 */
export class GsvSession implements ScanSession {
  readonly url: string
  readonly parser: GsvParser
  /** Set as soon as they are known: some commands differ. */
  model: GsvModel | undefined
  firmware: string | undefined
  /** Told of every command that changed something, with 1 where the device changed more than it was told to. */
  changed: ((command: CommandName, status: number, values: FieldValues | undefined) => void) | undefined
  /** Throws before a command that must not be sent now. */
  guard: ((command: CommandName, values: FieldValues | undefined) => void) | undefined
  /** Whether something was written that takes the write access away from other interfaces. */
  wrote = false
  /** Whether the transmission was started, and not stopped again. */
  transmitting = false
  /** Values of the measured frame that GetValue brought. */
  lastScan: readonly number[] = []
  readonly scheduler: Scheduler
  readonly timeoutMs: number
  /** Which command a request in the queue is. */
  readonly #commands = new WeakMap<Uint8Array, GsvCommand>()
  readonly #link: ByteLink
  readonly #wire: Wire<GsvParser>
  readonly #crc: boolean
  readonly #queue: RequestQueue<Uint8Array, Answer>
  readonly #resync: Resync
  /** What is in flight, and since when. */
  #current: GsvCommand | undefined
  #asked = 0
  #answers = 0
  #closed = false

  constructor({ link, scheduler, timeoutMs, capacity, crc = false }: SessionOptions) {
    this.url = link.url
    this.scheduler = scheduler
    this.timeoutMs = timeoutMs
    this.#link = link
    this.#crc = crc
    this.#resync = new Resync({ scheduler, timeoutMs, send: (name, values) => this.#send(name, values) })
    this.#queue = new RequestQueue({
      send: (request) => this.#begin(request),
      scheduler,
      timeoutMs,
      resync: () => this.#resynchronise()
    })
    this.#wire = new Wire({
      link,
      scheduler,
      parser: (receiver) =>
        new GsvParser({ ...receiver, response: (status, data) => this.#response(status, data) }, { capacity }),
      scans: () => this.#takeScan(),
      closed: (error) => this.#lost(error)
    })
    this.parser = this.#wire.parser
  }

  /** From now on measured frames go to this receiver; before, they are thrown away. */
  receive(
    receiver: ScanReceiver,
    encoding: IntegerEncoding,
    scale: readonly number[],
    offset: readonly number[]
  ): void {
    this.parser.scale(scale, offset, encoding)
    this.#wire.receive(receiver)
  }

  /** Whether model and firmware have a command. */
  has(name: CommandName): boolean {
    const { model, firmware } = this
    return gsvCommands.some((row) => row.name === name && (!model || isAvailable(row, model, firmware)))
  }

  /** The row of the table for a command on this device. @throws RangeError when the model lacks it */
  row(name: CommandName): GsvCommand {
    return commandByName(name, this.model)
  }

  /**
   * Sends a command and returns the values of its response.
   *
   * @throws RangeError when the parameters are wrong, the model lacks the command or it belongs to the manufacturer;
   * GsvError when the device refused it, TimeoutError when it did not answer, ProtocolError when the answer cannot belong
   * to it or when what arrives is no GSV protocol, NotConnectedError when the link is gone
   */
  async command<N extends CommandName>(name: N, values?: RequestOf<N>): Promise<ResponseOf<N>> {
    return (await this.request(name, values as FieldValues | undefined)) as ResponseOf<N>
  }

  /** The same for whoever has names and values as data. */
  async request(name: CommandName, values?: FieldValues): Promise<FieldValues> {
    const command = this.row(name)
    if (accessOf(command, this.model ?? 'gsv-8') === 'manufacturer') {
      throw new RangeError(`${this.url}: ${name} belongs to the manufacturer and is not sent`)
    }
    this.guard?.(name, values)
    let answer = await this.#exchange(command, values)
    if (answer.status === WRONG_NUMBER && command.alternative) {
      const other = { ...command, request: command.alternative }
      answer = await this.#exchange(other, rounded(values, other))
    }
    if (!isSuccess(answer.status)) throw new GsvError(name, answer.status)
    this.#note(command, answer.status, values)
    if (command.answer === 'none') await this.#afterReset()
    return command.answer ? {} : this.#valuesOf(command, answer.data, values)
  }

  /** Waits until a resynchronisation that is under way is over; what it saw is in the error that began it. */
  async settled(error: unknown): Promise<unknown> {
    if (!(error instanceof TimeoutError) || this.#closed) return error
    await this.#resync.done()
    return withReason(error, this.#seen())
  }

  /** Holds the link back, where that loses nothing. */
  pause(): void {
    this.#link.pause?.()
  }

  resume(): void {
    this.#link.resume?.()
  }

  /** Nothing more comes, or not for long: what waits for the rest of its frame will not get it. */
  giveUpWaiting(): void {
    this.#wire.giveUpWaiting()
  }

  /** Ends the session; the device keeps its state. */
  async close(): Promise<void> {
    this.#closed = true
    const error = new NotConnectedError(this.url, 'the session was closed')
    this.#resync.stop()
    this.#queue.fail(error)
    await this.#wire.close(error)
  }

  async #exchange(command: GsvCommand, values: FieldValues | undefined): Promise<Answer> {
    const frame = encodeRequestFrame(command.code, encodeParameters(command, values), this.#crc)
    const longest = this.timeoutMs * (SLOW_COMMANDS.has(command.name) ? SLOW : 1)
    const what = `answer to ${command.name} from ${this.url}`
    this.#commands.set(frame, command)
    try {
      return await this.#queue.request(frame, what, command.answer === 'none' ? longest + RESET_MS : longest)
    } catch (error) {
      throw error instanceof TimeoutError ? withReason(error, this.#seen()) : error
    }
  }

  async #begin(request: Uint8Array): Promise<void> {
    const command = this.#commands.get(request) as GsvCommand
    this.#current = command
    this.#asked = this.scheduler.elapsed()
    const size = answerBytes(command)
    this.parser.awaitsLong = size === undefined || size >= LONG
    await this.#wire.write(request)
    if (command.answer !== 'none') return
    await sleep(RESET_MS, this.scheduler)
    this.#answer(0, new Uint8Array())
  }

  async #send(name: CommandName, values?: FieldValues): Promise<void> {
    const command = this.row(name)
    await this.#wire.write(encodeRequestFrame(command.code, encodeParameters(command, values), this.#crc))
  }

  /** Behind a reset a device transmits as it does when it is switched on. */
  async #afterReset(): Promise<void> {
    const { transmitting } = this
    await this.command('StopTransmission')
    if (transmitting) await this.command('StartTransmission')
  }

  #note({ name, direction, access }: GsvCommand, status: number, values: FieldValues | undefined): void {
    if (name === 'StartTransmission') this.transmitting = true
    if (name === 'StopTransmission') this.transmitting = false
    const changes = direction.startsWith('write')
    if (changes && access !== 'open') this.wrote = true
    if (changes || CHANGING_ACTIONS.has(name)) this.changed?.(name as CommandName, status, values)
  }

  /** A measured frame in place of an answer. */
  #takeScan(): void {
    if (this.#current?.answer !== 'measured') return
    const { values, length, objects, capacity } = this.parser.scans
    if (length === 0) return
    this.lastScan = Array.from({ length: objects }, (_, c) => values[c * capacity + length - 1] as number)
    this.#answer(0, new Uint8Array())
  }

  #response(status: number, data: Uint8Array): void {
    this.#answers += 1
    if (this.#resync.takes(data.length)) return
    if (this.#current?.answer === 'measured' && isSuccess(status)) return
    this.#answer(status, data.slice())
  }

  #answer(status: number, data: Uint8Array): void {
    this.#current = undefined
    this.parser.awaitsLong = false
    this.#queue.answer({ status, data })
  }

  #lost(error: Error | undefined): void {
    this.#resync.stop()
    this.#queue.fail(error ?? new NotConnectedError(this.url, 'the link has ended'))
  }

  /** After a timeout: whatever was under way must not be taken for the answer to the next request. */
  async #resynchronise(): Promise<void> {
    const late = this.#current
    this.#current = undefined
    this.parser.awaitsLong = false
    await this.#resync.run(late ? answerBytes(late) : 0, this.#asked)
    if (!this.#wire.receiver) this.parser.reset()
    if (this.transmitting) await this.#resync.ask('StartTransmission')
  }

  #valuesOf(command: GsvCommand, data: Uint8Array, request: FieldValues | undefined): FieldValues {
    try {
      return decodeAnswer(command, data, request)
    } catch (cause) {
      throw new ProtocolError(
        `${this.url} answered ${command.name} with ${data.length} data bytes, expected ${answerBytes(command)}; does another program use the same port?`,
        { cause }
      )
    }
  }

  #seen(): Seen {
    const { bytes, heard, parser } = this.#wire
    const { url } = this
    return { url, bytes, answers: this.#answers, heard, scans: parser.decoded, lateMs: this.#resync.lateMs }
  }
}
