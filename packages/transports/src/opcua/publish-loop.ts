import type { NotificationMessage, PublishResponse, RepublishResponse } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import type { OpcuaSession } from './opcua-session.ts'

/** @internal */
export interface PublishLoopOptions {
  readonly session: OpcuaSession
  readonly lib: OpcuaLibrary
  readonly subscriptionId: number
  /** Number of the last notification that was taken; undefined at the start of a subscription. */
  readonly last: number | undefined
  /** Number of a notification that went to somebody else and has no data. */
  readonly handOver?: number | undefined
  /** How long the server may wait with an answer, ms. */
  readonly answerMs: number
  /** Notifications that may come before more is asked for. */
  readonly room: () => number
  /** A notification, in order; also one without data (a keep-alive). */
  readonly took: (message: NotificationMessage) => Promise<void> | void
  /** The server has answered. */
  readonly heard: () => void
  /** Notifications that the server does not have any more. */
  readonly missing: (messages: number) => void
  readonly republished: () => void
  readonly failed: (error: unknown) => void
}

const IN_FLIGHT = 3
/** Notifications that may come behind a later one: each that was asked for may have been asked for again. */
const TAKEN_ALREADY = 2 * IN_FLIGHT
const LAST_NUMBER = 0xffffffff

/**
 * Publish requests of one subscription. Nothing is asked for while there is no room, so the server keeps it; what a
 * notification's number shows to be lost is asked for again before it is handed over.
 *
 * @internal
 */
export class PublishLoop {
  last: number | undefined
  readonly #with: PublishLoopOptions
  #inFlight = 0
  #mostInFlight = IN_FLIGHT
  #acks: { readonly subscriptionId: number; readonly sequenceNumber: number }[] = []
  #inbox: NotificationMessage[] = []
  #isDraining = false
  #isHandOverUnkept = false
  #isClosed = false

  constructor(options: PublishLoopOptions) {
    this.#with = options
    this.last = options.last
  }

  /** Whether the server has been asked for data. */
  get isAsking(): boolean {
    return this.#inFlight > 0
  }

  /** Notifications and acknowledgements that wait. */
  get held(): number {
    return this.#inbox.length + this.#acks.length
  }

  /** Asks for as much as there is room for. */
  fill(): void {
    while (!this.#isClosed && this.#inFlight < this.#mostInFlight && this.#due() > 0) this.#ask()
  }

  close(): void {
    this.#isClosed = true
  }

  #due(): number {
    return this.#with.room() - this.#inFlight - this.#inbox.length
  }

  #ask(): void {
    const { session, lib, answerMs } = this.#with
    this.#inFlight += 1
    const subscriptionAcknowledgements = this.#acks
    this.#acks = []
    const request = new lib.PublishRequest({
      requestHeader: { timeoutHint: answerMs * this.#mostInFlight },
      subscriptionAcknowledgements
    })
    session.publish(request, (error: Error | null, response?: PublishResponse) => {
      this.#inFlight -= 1
      if (this.#isClosed) return
      if (error || !response) this.#refused(error ?? new Error('no answer'))
      else this.#answered(response)
      this.fill()
    })
  }

  #refused(error: Error): void {
    if (/BadTooManyPublishRequests/.test(error.message) && this.#inFlight > 0) this.#mostInFlight = this.#inFlight
    else this.#end(error)
  }

  #answered({ notificationMessage, subscriptionId }: PublishResponse): void {
    this.#with.heard()
    if (subscriptionId !== this.#with.subscriptionId) return
    this.#inbox.push(notificationMessage)
    if (!this.#isDraining) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#isDraining = true
    try {
      for (let message = this.#inbox.shift(); message && !this.#isClosed; message = this.#inbox.shift()) {
        const pending = this.#take(message)
        if (pending) await pending
      }
    } catch (error) {
      this.#end(error)
    } finally {
      this.#isDraining = false
    }
    this.fill()
  }

  #take(message: NotificationMessage): Promise<void> | void {
    const { sequenceNumber: number } = message
    const hasData = (message.notificationData?.length ?? 0) > 0
    const next = this.last === undefined ? number : after(this.last)
    const lost = (number - next) >>> 0
    if (lost >= 0x80000000) {
      if (2 ** 32 - lost <= TAKEN_ALREADY) return undefined
      throw new SubscriptionGivenUp(`its notifications are numbered anew (${number} after ${this.last}): not ours`)
    }
    if (lost > 0) return this.#recover(next, lost, number, hasData).then(() => this.#hand(message, hasData))
    return this.#hand(message, hasData)
  }

  #hand(message: NotificationMessage, hasData: boolean): Promise<void> | void {
    if (hasData) {
      this.last = message.sequenceNumber
      this.#acks.push({ subscriptionId: this.#with.subscriptionId, sequenceNumber: message.sequenceNumber })
    } else if (this.last === undefined) {
      this.last = before(message.sequenceNumber)
    }
    return this.#with.took(message)
  }

  /** Asks for notifications again whose numbers were skipped. */
  async #recover(from: number, count: number, arrived: number, hasData: boolean): Promise<void> {
    const { handOver } = this.#with
    let number = from
    for (let i = 0; i < count && !this.#isClosed; i += 1, number = after(number)) {
      const isUnkept = number === handOver && this.#isHandOverUnkept
      const message = isUnkept ? undefined : await this.#republish(number)
      if (message) {
        this.#with.republished()
        await this.#hand(message, true)
        continue
      }
      if (number === handOver) {
        this.#isHandOverUnkept = true
        // one that keeps what it has sent, as the latest shows, has never had it as data; a keep-alive shows nothing
        if (!hasData || (await this.#republish(arrived))) continue
      }
      // servers drop the oldest first, but a long hole is not worth a question for each of its numbers
      const rest = count - i > MOST_QUESTIONS ? count - i : 1
      this.#with.missing(rest)
      this.last = rest > 1 ? before(arrived) : number
      if (rest > 1) return
    }
  }

  #republish(retransmitSequenceNumber: number): Promise<NotificationMessage | undefined> {
    const { session, lib, subscriptionId } = this.#with
    const request = new lib.RepublishRequest({ subscriptionId, retransmitSequenceNumber })
    return new Promise((resolve, reject) => {
      session.republish(request, (error: Error | null, response?: RepublishResponse) => {
        if (!error && response) resolve(response.notificationMessage)
        else if (/BadMessageNotAvailable|BadNotImplemented|BadServiceUnsupported/.test(error?.message ?? ''))
          resolve(undefined)
        else reject(error ?? new Error('no answer'))
      })
    })
  }

  #end(error: unknown): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#with.failed(error)
  }
}

const MOST_QUESTIONS = 100

/** Numbers begin again at 1. */
function after(number: number): number {
  return number === LAST_NUMBER ? 1 : number + 1
}

function before(number: number): number {
  return number === 1 ? LAST_NUMBER : number - 1
}
