import type { Clock } from '@messwerk/core/model'
import type { DataValue } from 'node-opcua-client'

/** Beyond it ns do not fit into 64 bits: the year 2262, and 1677 the other way, which leaves out 1601, OPC UA's "no time". */
const MOST_MS = 9_223_372_036_854

function isTime(stamp: Date | null | undefined): boolean {
  return stamp !== null && stamp !== undefined && Math.abs(stamp.getTime()) <= MOST_MS
}

/** The clock that a value has a time of: the one that is wanted, else the other, else none but that of its arrival. @internal */
export function clockOf({ sourceTimestamp, serverTimestamp }: DataValue, wanted: 'source' | 'server'): Clock {
  if (wanted === 'source' && isTime(sourceTimestamp)) return 'source'
  if (isTime(serverTimestamp)) return 'server'
  return isTime(sourceTimestamp) ? 'source' : 'arrival'
}

/** Whole ms since the Unix epoch. @param now - of the arrival, ms @internal */
export function wholeMs({ sourceTimestamp, serverTimestamp }: DataValue, clock: Clock, now: number): number {
  const stamp = clock === 'source' ? sourceTimestamp : clock === 'server' ? serverTimestamp : undefined
  return stamp ? stamp.getTime() : Math.floor(now)
}

/** What is beyond the whole ms, ns. @internal */
export function fineNs({ sourcePicoseconds, serverPicoseconds }: DataValue, clock: Clock, now: number): number {
  if (clock === 'source') return Math.round((sourcePicoseconds ?? 0) / 1000)
  if (clock === 'server') return Math.round((serverPicoseconds ?? 0) / 1000)
  return Math.round((now - Math.floor(now)) * 1e6)
}
