import { setTimeout as wait } from 'node:timers/promises'
import { type Batch, isSdkError, type Positions, type Source, type Splits, TimeoutError } from '@messwerk/core/model'
import type { AnySourceOptions } from '../source/read-gsv.ts'
import type { Surroundings } from './surroundings.ts'

const PATIENCE_MS = 5000
const RETRY_MS = 1000

const UNACCOUNTED: Splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

/** How long lost links are opened again. @internal */
export interface ReadingsOptions {
  /** From the first scan, s; without it until the signal. */
  readonly seconds?: number | undefined
}

/**
 * What a device sends, also over lost links: the source counts what was missed meanwhile.
 *
 * @throws what the source throws before the first scan, or when there is no link any more at the end of `seconds`
 *
 * @internal
 */
export async function* readings(
  around: Surroundings,
  options: AnySourceOptions,
  { seconds = Number.POSITIVE_INFINITY }: ReadingsOptions = {}
): AsyncGenerator<Batch> {
  const { signal, openers, retryMs = RETRY_MS } = around
  const source = openers.gsvSource(options)
  let from: Positions = {}
  let since: number | undefined
  let told = false
  for (;;) {
    try {
      for await (const batch of attended(source, from, around)) {
        since ??= performance.now()
        told = false
        from = { [batch.split]: batch.position }
        yield batch
      }
      return
    } catch (error) {
      if (signal.aborted) return
      const isOver = since === undefined || performance.now() - since > seconds * 1000
      if (isOver || !isSdkError(error) || !error.retryable) throw error
      if (!told) around.err(`${error.message}; trying again`)
      told = true
    }
    await wait(retryMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
  }
}

/** Reads a source, and gives up where nothing comes though the transmission was started. */
async function* attended(source: Source, from: Positions, around: Surroundings): AsyncGenerator<Batch> {
  const { signal, patienceMs = PATIENCE_MS } = around
  const silence = new AbortController()
  const arm = (): NodeJS.Timeout => setTimeout(() => silence.abort(), patienceMs)
  let timer = arm()
  try {
    const ended = AbortSignal.any([signal, silence.signal])
    for await (const batch of source.read({ signal: ended, from, splits: UNACCOUNTED })) {
      clearTimeout(timer)
      yield batch
      timer = arm()
    }
  } finally {
    clearTimeout(timer)
  }
  if (!silence.signal.aborted || signal.aborted) return
  throw new TimeoutError(`a measured frame from ${source.id}, whose transmission was started,`, patienceMs)
}
