import type { Scheduler } from '@messwerk/core/driver'
import type { ClientSession, DataValue } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { readInChunks } from './read-in-chunks.ts'
import type { ResolvedNode } from './resolve-nodes.ts'

/** @internal */
export interface PollOptions {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly nodes: readonly ResolvedNode[]
  readonly everyMs: number
  readonly scheduler: Scheduler
  readonly hasRoom: () => boolean
  readonly took: (values: readonly DataValue[]) => void
  readonly failed: (error: unknown) => void
}

/** Reads the nodes again and again, one request at a time. @internal */
export class Poll {
  readonly #with: PollOptions
  #isDue = true
  #isReading = false
  #cancel: (() => void) | undefined
  #isStopped = false

  constructor(options: PollOptions) {
    this.#with = options
    this.#tick()
  }

  /** There may be room again. */
  look(): void {
    if (this.#isStopped || !this.#isDue || this.#isReading || !this.#with.hasRoom()) return
    this.#isDue = false
    this.#isReading = true
    void this.#read()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  #tick(): void {
    const { scheduler, everyMs } = this.#with
    this.#isDue = true
    this.#cancel = scheduler.after(everyMs, () => this.#tick())
    this.look()
  }

  async #read(): Promise<void> {
    const { session, lib, nodes, took, failed } = this.#with
    try {
      const attributeId = lib.AttributeIds.Value
      const reads = nodes.map(({ nodeId }) => ({ nodeId, attributeId }))
      const values = await readInChunks(session, reads)
      this.#isReading = false
      if (!this.#isStopped) took(values)
    } catch (error) {
      this.#isReading = false
      if (!this.#isStopped) failed(error)
    }
  }
}
