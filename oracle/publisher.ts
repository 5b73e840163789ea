import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import type { Ledger } from './ledger.ts'
import { type RecordPlan, record, streamOf } from './records.ts'

const MOST_IN_FLIGHT = 64
const TICK_MS = 4

/** Publishes the records at QoS 1, in order, and writes into the ledger what the broker has acknowledged. */
export class Publisher {
  readonly #plan: RecordPlan
  readonly #ledger: Ledger
  readonly #rate: number
  #client: MqttClient | undefined
  #next = 0
  #inFlight = 0
  #paused = false
  #closed = false
  #failure: unknown

  constructor(plan: RecordPlan, ledger: Ledger, rate: number) {
    this.#plan = plan
    this.#ledger = ledger
    this.#rate = rate
  }

  /** Everything up to a record (not included) is acknowledged. */
  hasSent(to: number): boolean {
    return this.#next >= to && this.#inFlight === 0
  }

  async connect(port: number): Promise<void> {
    const url = `mqtt://127.0.0.1:${port}`
    this.#client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: 'publisher', reconnectPeriod: 100 })
    this.#client.on('error', () => {})
  }

  /** Sends up to a record (not included) at the rate. */
  async send(to: number): Promise<void> {
    let began = performance.now()
    let first = this.#next
    while (this.#next < to && !this.#closed) {
      if (this.#failure) throw this.#failure
      if (this.#paused) {
        await sleep(TICK_MS)
        began = performance.now()
        first = this.#next
        continue
      }
      const due = Math.min(to, first + Math.ceil(((performance.now() - began) * this.#rate) / 1000))
      while (this.#next < due && this.#inFlight < MOST_IN_FLIGHT) this.#publish(this.#next++)
      await sleep(this.#next < due ? 1 : TICK_MS)
    }
    while (this.#inFlight > 0 && !this.#closed) await sleep(TICK_MS)
    if (this.#failure) throw this.#failure
  }

  /**
   * Sends nothing until `resume`; resolves when all that was sent is acknowledged. So a restart of the broker leaves no
   * record of which nobody knows whether it was taken.
   */
  async pause(): Promise<void> {
    this.#paused = true
    while (this.#inFlight > 0) await sleep(1)
  }

  /** Goes on, as soon as there is a connection. */
  async resume(): Promise<void> {
    while (!this.#client?.connected && !this.#closed) await sleep(5)
    this.#paused = false
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#client?.endAsync(true)
  }

  #publish(id: number): void {
    const { machine, seq, ms, v } = record(this.#plan, id)
    this.#inFlight += 1
    this.#ledger.send()
    this.#client?.publish(
      `line/${streamOf(machine)}`,
      `{"id":${id},"seq":${seq},"ts":${ms},"v":${v}}`,
      { qos: 1 },
      (error) => {
        this.#inFlight -= 1
        if (error) this.#failure ??= error
        else this.#ledger.acknowledge(id)
      }
    )
  }
}
