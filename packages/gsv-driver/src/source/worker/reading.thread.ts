// Runs in a thread of its own: reads an amplifier and hands over batches as they are asked for. What is not asked for waits
// here, within `buffer`, so a thread that asks late never delays the reading.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { systemTime } from '@messwerk/core/driver'
import type { Batch, ReadOptions } from '@messwerk/core/model'
import { LastRead } from '../last-read.ts'
import { readGsv } from '../read-gsv.ts'
import { buffersOf, packBatch, unpackBatch } from './crossing.ts'
import { packError } from './crossing-error.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'

const { options, settings, before } = workerData as ThreadData
const port = parentPort as MessagePort
const tell = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const last = new LastRead()
for (const batch of before) last.note(unpackBatch(batch))
let controller = new AbortController()
let batches: AsyncGenerator<Batch> | undefined

function begin(how: Pick<ReadOptions, 'from' | 'memos'>): void {
  controller = new AbortController()
  batches = readGsv(options, { ...settings, scheduler: systemTime }, last, {
    ...how,
    signal: controller.signal,
    splits: { assigned: async () => undefined, revoked: async () => {}, lost: () => {} },
    report: (report) => tell({ kind: 'report', report })
  })
}

async function next(): Promise<void> {
  const { done = true, value } = (await batches?.next()) ?? {}
  if (done) return tell({ kind: 'ended' })
  const batch = packBatch(value)
  tell({ kind: 'batch', batch }, buffersOf(batch))
}

async function leave(): Promise<void> {
  await batches?.return(undefined)
  tell({ kind: 'ended' })
}

const failed = (error: unknown): void => tell({ kind: 'failed', error: packError(error) })
port.on('message', (order: ToThread) => {
  if (order === 'stop') controller.abort()
  else if (order === 'next') next().catch(failed)
  else if (order === 'leave') leave().catch(failed)
  else begin(order)
})
