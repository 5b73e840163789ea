import { TimeoutError } from '@messwerk/core/model'
import type { Fetched, KafkaReader, Part } from '../kafka-client.ts'

const LIMITS = { bytes: 4 * 1024 * 1024, bytesPerPartition: 4 * 1024 * 1024, waitMs: 100 }
/** Answers without anything new; a transaction that nobody ends blocks reading until the brokers give it up. */
const PATIENCE_MS = 30_000

/**
 * Reads what was committed to a partition before, until `take` says that it has what it wants.
 *
 * @param take - is given each record; no value deletes its key
 * @throws TimeoutError; what the client library throws
 * @internal
 */
export async function readLog(
  reader: KafkaReader,
  part: Part,
  take: (key: string, value: Uint8Array | undefined) => boolean,
  progress: (share: number) => void = () => {}
): Promise<void> {
  const [first = 0] = await reader.offsets([part], 'earliest')
  const [end = 0] = await reader.offsets([part], 'latest')
  let next = first
  let heard = performance.now()
  while (next < end) {
    const fetched = await fetchOf(reader, part, next)
    const { records } = fetched ?? {}
    for (let i = 0; records !== undefined && i < records.length; i += 1) {
      if (take(records.key(i) ?? '', records.valueLength(i) < 0 ? undefined : records.value(i))) return
    }
    const after = fetched?.next ?? next
    if (after > next) heard = performance.now()
    else if (performance.now() - heard > PATIENCE_MS)
      throw new TimeoutError(`a transaction in '${part.topic}/${part.partition}' that nobody ends`, PATIENCE_MS)
    next = after
    progress(Math.min(1, (next - first) / (end - first)))
  }
}

async function fetchOf(reader: KafkaReader, part: Part, offset: number): Promise<Fetched | undefined> {
  const [leader] = reader.leaders([part]).keys()
  if (leader !== undefined) {
    const [fetched] = await reader.fetch(leader, [{ topic: part.topic, partition: part.partition, offset }], LIMITS)
    return fetched
  }
  await reader.refresh()
  return undefined
}
