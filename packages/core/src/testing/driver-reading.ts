import { AssertionError } from 'node:assert'
import { setImmediate as macrotask, setTimeout as sleep } from 'node:timers/promises'
import { type Block, timeNs } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Positions, Source, Splits } from '../model/source.ts'
import { DriverPeer } from './driver-peer.ts'
import type { DriverDevice, DriverSubject } from './driver-subject.ts'

/** What came of one reading. @internal */
export interface DriverReading {
  readonly batches: readonly Batch[]
  readonly error: unknown
  readonly peer: DriverPeer
}

/** Reads a driver while `act` plays the wire. @internal */
export async function readDriver(
  on: DriverSubject,
  act: (peer: DriverPeer, stop: () => void) => void | Promise<void>,
  { source, from = {}, device = on.device?.() }: { source?: Source; from?: Positions; device?: DriverDevice } = {}
): Promise<DriverReading> {
  const peer = new DriverPeer(on.rate, device)
  const abort = new AbortController()
  const batches: Batch[] = []
  let error: unknown
  const opened = source ?? on.open(() => peer)
  const read = async (): Promise<void> => {
    for await (const batch of opened.read({ signal: abort.signal, from, splits })) batches.push(batch)
  }
  const reading = read().catch((thrown) => {
    error = thrown
  })
  await Promise.race([peer.transmitting(on.timeoutMs ?? 5000), reading])
  await act(peer, () => abort.abort())
  await withinTime(reading, on, 'the end of the reading')
  return { batches, error, peer }
}

/** @internal */
export const splits: Splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

/** One scan as it was delivered. @internal */
export interface DeliveredScan {
  readonly values: readonly number[]
  readonly time: bigint
  readonly block: Block
  /** What is declared missing before it. */
  readonly gap: Gap | undefined
}

/** All scans of a reading, in order. @internal */
export function deliveredScans({ batches }: Pick<DriverReading, 'batches'>): DeliveredScan[] {
  return batches.flatMap(({ blocks }) =>
    blocks.flatMap((block) =>
      Array.from({ length: block.length }, (_, i) => ({
        values: block.stream.channels.map((_channel, c) => block.values[c * block.length + i] as number),
        time: timeNs(block, i),
        block,
        gap: i === 0 ? block.gap : undefined
      }))
    )
  )
}

/** Bytes of the scans from `from` to before `to`. @internal */
export function framesOf(on: DriverSubject, from: number, to: number): Uint8Array {
  return joined(Array.from({ length: to - from }, (_, i) => on.frame(from + i)))
}

/** @internal */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** @internal */
export async function withinTime<T>(work: Promise<T>, on: DriverSubject, what: string): Promise<T> {
  const { timeoutMs = 5000 } = on
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AssertionError({ message: `${what} did not come within ${timeoutMs} ms` })),
      timeoutMs
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Scans in packets of 10 ms, then the link is lost. @internal */
export async function sent(on: DriverSubject, from: number, to: number): Promise<DriverReading> {
  return readDriver(on, async (peer) => {
    await stream(on, peer, from, to)
    peer.lose()
  })
}

/** Scans in packets of 10 ms. @param late - of packet number i, ms @internal */
export async function stream(
  on: DriverSubject,
  peer: DriverPeer,
  from: number,
  to: number,
  late: (i: number) => number = () => 0
): Promise<void> {
  const packet = Math.max(1, Math.round(on.rate / 100))
  for (let at = from, i = 0; at < to; at += packet, i += 1) {
    const end = Math.min(to, at + packet)
    peer.send(framesOf(on, at, end), end - 1, late(i))
    if (i % 16 === 0) await macrotask()
  }
}

/** Reads a source whose latest link is `peer()`, and stops it after 50 scans. @internal */
export async function again(
  on: DriverSubject,
  source: Source,
  peer: () => DriverPeer | undefined,
  from: Readonly<Record<string, number>>
): Promise<Pick<DriverReading, 'batches'>> {
  const batches: DriverReading['batches'][number][] = []
  const abort = new AbortController()
  const read = async (): Promise<void> => {
    for await (const batch of source.read({ signal: abort.signal, from, splits })) batches.push(batch)
  }
  const before = peer()
  const reading = read()
  for (let i = 0; i < 500 && peer() === before; i += 1) await sleep(10)
  await peer()?.transmitting(on.timeoutMs ?? 5000)
  peer()?.send(framesOf(on, 0, 50), 50)
  for (let i = 0; i < 100 && batches.length === 0; i += 1) await sleep(10)
  abort.abort()
  await withinTime(reading, on, 'the end of the reading')
  return { batches }
}

/** Asks for the first batch, then for nothing until all was sent. @internal */
export async function slowly(
  on: DriverSubject,
  total: number
): Promise<{ scans: number; missing: number; causes: Set<string> }> {
  const peer = new DriverPeer(on.rate, on.device?.())
  const { signal } = new AbortController()
  const iterator = on
    .open(() => peer)
    .read({ signal, from: {}, splits })
    [Symbol.asyncIterator]()
  let next = iterator.next()
  await peer.transmitting(on.timeoutMs ?? 5000)
  await stream(on, peer, 0, total)
  peer.lose()
  const counted = { scans: 0, missing: 0, causes: new Set<string>() }
  const rest = async (): Promise<void> => {
    for (let one = await next; !one.done; one = await next) {
      for (const { length, gap } of one.value.blocks) count(length, gap)
      for (const { rule, data } of one.value.events ?? [])
        if (rule === 'gap') count(0, data as (typeof one.value.blocks)[0]['gap'])
      next = iterator.next()
    }
  }
  const count = (length: number, gap: { scans: number | 'unknown'; cause: string } | undefined): void => {
    counted.scans += length
    counted.missing += gap ? Number(gap.scans) : 0
    if (gap) counted.causes.add(gap.cause)
  }
  await withinTime(
    rest().catch(() => {}),
    on,
    'the end'
  )
  return counted
}
