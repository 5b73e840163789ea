import { isSdkError, NotConnectedError, ProtocolError, type SdkError } from '@messwerk/core/model'
import type { MqttItem, Outgoing } from './outgoing.ts'
import type { Publisher } from './publisher.ts'

/**
 * One write of a sink: what of it failed, and when all of it has an answer.
 *
 * @internal
 */
export class PendingWrite {
  /** Why, by index of the item. */
  readonly failed = new Map<number, SdkError>()
  readonly #publisher: Publisher
  #unanswered = 0
  #allAnswered: (() => void) | undefined

  constructor(publisher: Publisher) {
    this.#publisher = publisher
  }

  /** Resolves when every message has an answer. @throws NotConnectedError when it is given up */
  async run(items: readonly MqttItem[], messagesOf: (item: MqttItem) => Iterable<Outgoing>, signal?: AbortSignal) {
    let stop = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(new NotConnectedError(this.#publisher.url, 'the write was given up'))
    })
    aborted.catch(() => {}) // it may come when nobody waits any more
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    try {
      for (let i = 0; i < items.length; i += 1) await this.#send(i, messagesOf(items[i] as MqttItem), aborted)
      await Promise.race([this.#answered(), aborted])
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Sends what belongs to an item, as there is room; an item that cannot be sent fails alone. */
  async #send(item: number, messages: Iterable<Outgoing>, aborted: Promise<never>): Promise<void> {
    try {
      for (const message of messages) {
        while (!this.#publisher.hasRoom) await Promise.race([this.#publisher.room(), aborted])
        if (this.failed.has(item)) return
        this.#publish(item, message)
      }
    } catch (error) {
      if (!isSdkError(error) || error.retryable) throw error
      this.failed.set(item, error as SdkError)
    }
  }

  #publish(item: number, { topic, payload }: Outgoing): void {
    if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) {
      throw new ProtocolError(`mqttSink: payload must give text or bytes, got ${typeof payload}`)
    }
    this.#unanswered += 1
    this.#publisher.publish(topic, payload, (error) => {
      if (error) this.failed.set(item, error)
      this.#unanswered -= 1
      if (this.#unanswered === 0) this.#allAnswered?.()
    })
  }

  #answered(): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#allAnswered = resolve
    })
  }
}
