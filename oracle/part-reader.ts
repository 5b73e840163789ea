import type { KafkaMessage } from 'kafkajs'
import type { Line } from './stored-log.ts'

/** Is given each message, with its text. */
export type Take = (line: Line, text: string) => void

/** A partition that is read from its first message to its last, each once, whatever the consumer fetches again. */
export class PartReader {
  readonly partition: number
  readonly #end: number
  #next = 0

  /** @param end - offset behind its last message */
  constructor(partition: number, end: number) {
    this.partition = partition
    this.#end = end
  }

  get isRead(): boolean {
    return this.#next >= this.#end
  }

  /** @throws Error where a message is not there: without transactions, compaction and retention each offset has one */
  take({ key, value, offset }: Pick<KafkaMessage, 'key' | 'value' | 'offset'>, take: Take): void {
    if (Number(offset) > this.#next)
      throw new Error(`read ${offset} of partition ${this.partition} before ${this.#next}`)
    if (Number(offset) < this.#next) return
    this.#next += 1
    const stream = key?.toString() ?? ''
    const text = value?.toString() ?? '{}'
    take({ stream, ...(JSON.parse(text) as Line) }, `${stream} ${text}`)
  }
}
