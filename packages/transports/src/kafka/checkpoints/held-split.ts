import { type Checkpoint, NotConnectedError, type SplitState, type TakeListener } from '@messwerk/core/model'
import type { CheckpointsPlan } from './kafka-checkpoints-options.ts'
import { Fenced, SplitWriter } from './split-writer.ts'
import { checkpointOf, digestOf, keyOf, recordsOf, type SplitId, type StateRecord } from './state-records.ts'
import type { StateTopic } from './state-topic.ts'

/** A split that a claim has taken: its writer, and what it knows to be in the topic. @internal */
export class HeldSplit {
  readonly #plan: CheckpointsPlan
  readonly #topic: StateTopic
  readonly #id: SplitId
  readonly #owner: string
  readonly #tell: TakeListener
  #writer: SplitWriter | undefined
  /** Digest of what was written, by key. */
  #written = new Map<string, string>()
  #generation = 0

  constructor(plan: CheckpointsPlan, topic: StateTopic, id: SplitId, owner: string, tell: TakeListener) {
    this.#plan = plan
    this.#topic = topic
    this.#id = id
    this.#owner = owner
    this.#tell = tell
  }

  /** Fences whoever had it, and reads what they left. Returns their name with the newest checkpoint. */
  async take(): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly before: string | undefined }> {
    const ownerKey = this.#ownerKey
    this.#writer = await SplitWriter.open(this.#plan, this.#id, this.#topic.partOf(this.#id))
    const values = await this.#topic.read(this.#id, (share) => this.#tell.progress(share))
    const before = ownerOf(values.get(ownerKey))
    this.#generation = (before?.generation ?? 0) + 1
    const own = { owner: this.#owner, generation: this.#generation }
    try {
      await this.#writer.write([{ key: ownerKey, value: Buffer.from(JSON.stringify(own)) }])
    } catch (error) {
      if (error instanceof Fenced) throw this.#passing('another process has taken it meanwhile', error)
      throw error
    }
    const checkpoint = checkpointOf(this.#id, values, this.#plan.topic)
    values.delete(ownerKey)
    for (const [key, value] of values) this.#written.set(key, digestOf(value))
    return { checkpoint, before: before?.owner }
  }

  /** Writes what has changed; returns its bytes, undefined where it is someone else's by now. @throws SdkError */
  async save(checkpoint: Checkpoint, state: SplitState): Promise<number | undefined> {
    const records = Array.from(recordsOf(this.#id, this.#generation, checkpoint, state))
    const digests = new Map(records.map(({ key, value }) => [key, digestOf(value as Uint8Array)]))
    const changed = records.filter(({ key }) => digests.get(key) !== this.#written.get(key))
    const gone: StateRecord[] = []
    for (const key of this.#written.keys()) if (!digests.has(key)) gone.push({ key, value: null })
    try {
      const writer = await this.#ready()
      await writer.write(gone.concat(changed))
    } catch (error) {
      await this.close()
      if (!(error instanceof Fenced)) throw error
      // brokers fence a transaction that took too long, too: who has the split stands in the topic
      if ((await this.#ownerNow()) === this.#owner)
        throw this.#passing('the brokers have given up a transaction', error)
      this.#tell.fenced()
      return undefined
    }
    this.#written = digests
    return changed.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  }

  async close(): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    await writer?.close()
  }

  /** After a failure a new writer, unless another has the split: a new writer would fence that one. */
  async #ready(): Promise<SplitWriter> {
    if (this.#writer) return this.#writer
    if ((await this.#ownerNow()) !== this.#owner) throw new Fenced('another process has it')
    const writer = await SplitWriter.open(this.#plan, this.#id, this.#topic.partOf(this.#id))
    try {
      // once more: another may have taken it before this writer was opened, and is fenced by it now; it will take it again
      const values = await this.#topic.read(this.#id, () => {})
      if (ownerOf(values.get(this.#ownerKey))?.owner !== this.#owner) throw new Fenced('another process has it')
      // whether the last transaction was committed is not known: nothing counts as written but what is there
      values.delete(this.#ownerKey)
      this.#written = new Map(Array.from(values, ([key, value]) => [key, digestOf(value)]))
    } catch (error) {
      await writer.close()
      throw error
    }
    this.#writer = writer
    return writer
  }

  get #ownerKey(): string {
    return keyOf(this.#id, 'owner')
  }

  async #ownerNow(): Promise<string | undefined> {
    return ownerOf((await this.#topic.read(this.#id, () => {})).get(this.#ownerKey))?.owner
  }

  /** What trying again may help. */
  #passing(why: string, cause: unknown): NotConnectedError {
    return new NotConnectedError(this.#plan.connection.url, `the state of split '${this.#id.split}': ${why}`, { cause })
  }
}

function ownerOf(value: Uint8Array | undefined): { readonly owner: string; readonly generation: number } | undefined {
  return value && JSON.parse(Buffer.from(value).toString())
}
