/** Where packets that answer the broker go: the stream of a connection. @internal */
export type SendBytes = (bytes: Uint8Array) => void

const PUBACK = 0x40
const PUBREC = 0x50
const PACKET_BYTES = 4

/**
 * The messages of one connection that the broker has not been told about yet, in the order they were received. MQTT 4.6
 * wants the acknowledgements in this order too. Packet ids mean nothing on another connection: the list dies with it.
 *
 * @internal
 */
export class Acknowledgements {
  readonly #send: SendBytes
  #positions = new Float64Array(1024)
  /** Packet id, and 0x10000 for QoS 2. */
  #packets = new Uint32Array(1024)
  #head = 0
  #length = 0

  constructor(send: SendBytes) {
    this.#send = send
  }

  /** Messages that are not acknowledged. */
  get length(): number {
    return this.#length
  }

  /** Notes a message of QoS 1 or 2. */
  add(position: number, packetId: number, qos: number): void {
    const { length } = this.#positions
    if (this.#length === length) this.#grow()
    const at = (this.#head + this.#length) % this.#positions.length
    this.#positions[at] = position
    this.#packets[at] = qos === 2 ? packetId | 0x10000 : packetId
    this.#length += 1
  }

  /** Acknowledges everything up to a position, in one write: PUBACK for QoS 1, PUBREC for QoS 2. Returns how many. */
  upTo(position: number): number {
    const capacity = this.#positions.length
    let count = 0
    while (count < this.#length && (this.#positions[(this.#head + count) % capacity] as number) <= position) count += 1
    if (count === 0) return 0
    const bytes = new Uint8Array(count * PACKET_BYTES)
    for (let i = 0; i < count; i += 1) {
      const packet = this.#packets[(this.#head + i) % capacity] as number
      bytes[i * PACKET_BYTES] = packet > 0xffff ? PUBREC : PUBACK
      bytes[i * PACKET_BYTES + 1] = 2
      bytes[i * PACKET_BYTES + 2] = (packet >> 8) & 0xff
      bytes[i * PACKET_BYTES + 3] = packet & 0xff
    }
    this.#head = (this.#head + count) % capacity
    this.#length -= count
    this.#send(bytes)
    return count
  }

  #grow(): void {
    const capacity = this.#positions.length
    const positions = new Float64Array(capacity * 2)
    const packets = new Uint32Array(capacity * 2)
    for (let i = 0; i < this.#length; i += 1) {
      positions[i] = this.#positions[(this.#head + i) % capacity] as number
      packets[i] = this.#packets[(this.#head + i) % capacity] as number
    }
    this.#positions = positions
    this.#packets = packets
    this.#head = 0
  }
}
