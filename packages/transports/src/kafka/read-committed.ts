import type { KafkaRecord } from './kafka-client.ts'

/** A record as kafkajs decodes it, with what tells of its transaction. @internal */
export interface RawRecord extends KafkaRecord {
  readonly isControlRecord?: boolean
  readonly batchContext?: {
    readonly producerId: string
    readonly inTransaction: boolean
    readonly timestampType?: number
  }
}

/** A transaction that was given up: from its first offset on, until its control record. @internal */
export interface Aborted {
  readonly producerId: string
  readonly firstOffset: string
}

/**
 * The records that count: from an offset on, neither control records nor those of transactions that were given up.
 *
 * @internal
 */
export function readCommitted(
  raw: readonly RawRecord[],
  from: number,
  aborted: readonly Aborted[] | null | undefined
): readonly RawRecord[] {
  if (!aborted || aborted.length === 0) {
    return isPlain(raw, from) ? raw : raw.filter((record) => Number(record.offset) >= from && !record.isControlRecord)
  }
  const waiting = Array.from(aborted).sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset))
  const open = new Set<string>()
  return raw.filter((record) => {
    const offset = Number(record.offset)
    while (waiting.length > 0 && offset >= Number((waiting[0] as Aborted).firstOffset)) {
      open.add(String((waiting.shift() as Aborted).producerId))
    }
    const { producerId = '', inTransaction = false } = record.batchContext ?? {}
    // a control record ends the transaction of its producer, whether by commit or not
    if (record.isControlRecord) {
      open.delete(String(producerId))
      return false
    }
    return offset >= from && !(inTransaction && open.has(String(producerId)))
  })
}

/** Whether all of them count, as it nearly always is: then nothing is copied. */
function isPlain(raw: readonly RawRecord[], from: number): boolean {
  const first = raw[0]
  if (first === undefined) return true
  if (Number(first.offset) < from) return false
  for (let i = 0; i < raw.length; i += 1) if ((raw[i] as RawRecord).isControlRecord) return false
  return true
}
