import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'

const MACHINES = 2
const TICK_MS = 5

/** Publishes numbered readings at QoS 1, and keeps the ledger: a reading is owed from when the broker has acknowledged it. */
export class Publisher {
  /** Ids that the broker has taken. */
  readonly ledger = new Set<number>()
  readonly #client: MqttClient
  readonly #mayPublish: () => boolean
  readonly #rate: number
  readonly #began = Date.now()
  #next = 0
  #onItsWay = 0
  #running: Promise<void> | undefined
  #isStopping = false

  /**
   * @param rate - readings per second, of all machines together
   * @param mayPublish - asked before each reading: a broker that restarts gets none, so that there is no reading of which nobody
   *   knows whether it was taken
   */
  constructor(url: string, rate: number, mayPublish: () => boolean) {
    this.#client = mqtt.connect(url, { clientId: 'machines', reconnectPeriod: 100 })
    this.#client.on('error', () => {})
    this.#mayPublish = mayPublish
    this.#rate = rate
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Publishes no more; resolves when all is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#running
    await this.untilQuiet()
    await this.#client.endAsync()
  }

  async untilQuiet(): Promise<void> {
    while (this.#onItsWay > 0) await sleep(1)
  }

  async #run(): Promise<void> {
    let last = performance.now()
    let due = 0
    while (!this.#isStopping) {
      await sleep(TICK_MS)
      const now = performance.now()
      if (this.#client.connected) due += ((now - last) * this.#rate) / 1000
      last = now
      while (due >= 1 && this.#client.connected && this.#mayPublish()) {
        due -= 1
        this.#publish(this.#next++)
      }
    }
  }

  #publish(id: number): void {
    const machine = id % MACHINES
    const seq = Math.floor(id / MACHINES)
    const ts = this.#began + Math.round((seq * MACHINES * 1000) / this.#rate)
    const temperature = Math.round(100 * (60 + 5 * Math.sin(seq / 50))) / 100
    this.#onItsWay += 1
    this.#client.publish(
      `line/machine-${machine + 1}`,
      JSON.stringify({ id, seq, ts, temperature }),
      { qos: 1 },
      (error) => {
        this.#onItsWay -= 1
        if (!error) this.ledger.add(id)
      }
    )
  }
}
