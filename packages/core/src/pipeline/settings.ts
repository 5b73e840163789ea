import { type RetryOptions, RetryPolicy } from '../delivery/retry-policy.ts'
import type { CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Sink } from '../model/sink.ts'
import { durationMs, sizeBytes } from '../model/span.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { systemTime } from '../time/system-time.ts'
import { Directory } from './directory.ts'
import { type Log, silent } from './log.ts'
import type { MismatchRule } from './restore.ts'
import type { StartOptions } from './run.ts'

/** Checked start options with their defaults. @internal */
export interface Settings {
  readonly creditBytes: number
  readonly log: Log
  readonly scheduler: Scheduler
  readonly streams: number
  readonly retry: RetryPolicy
  readonly deadLetters: Sink<DeadLetter> | undefined
  readonly directory: Directory | undefined
  readonly store: CheckpointStore | undefined
  readonly everyMs: number
  readonly onMismatch: MismatchRule
}

/** @throws TypeError or RangeError that names option, rule and value @internal */
export function settingsOf(id: string, options: StartOptions): Settings {
  const { credit = '64MiB', log = silent, scheduler = systemTime, streams = 100_000, checkpoint = {} } = options
  if (!(Number.isInteger(streams) && streams > 0)) {
    throw new RangeError(`pipeline ${id}: streams must be a positive whole number, got ${streams}`)
  }
  const { every = '1s', store, onMismatch = 'refuse' } = checkpoint
  const everyMs = durationMs(every, `pipeline ${id}: checkpoint.every`)
  if (!(everyMs > 0)) throw new RangeError(`pipeline ${id}: checkpoint.every must be longer than 0, got '${every}'`)
  if (onMismatch !== 'refuse' && onMismatch !== 'startAfresh') {
    const rule = "must be 'refuse' or 'startAfresh'"
    throw new RangeError(`pipeline ${id}: checkpoint.onMismatch ${rule}, got ${JSON.stringify(onMismatch)}`)
  }
  if (store !== undefined && typeof store?.claim !== 'function') {
    throw new TypeError(`pipeline ${id}: checkpoint.store must be a checkpoint store, got ${typeof store}`)
  }
  const directory = directoryOf(id, options.directory)
  return {
    creditBytes: sizeBytes(credit, `pipeline ${id}: credit`),
    log,
    scheduler,
    streams,
    retry: new RetryPolicy(readRetry(options.retry), `pipeline ${id}: retry`),
    deadLetters: options.deadLetters ?? directory?.deadLetters,
    directory,
    store: store ?? directory?.checkpoints,
    everyMs,
    onMismatch
  }
}

/** A broker on the plant's own network is back sooner than half a minute. */
function readRetry(retry: RetryOptions = {}): RetryOptions {
  return retry.first === undefined && retry.most === undefined ? Object.assign({}, retry, { most: '5s' }) : retry
}

function directoryOf(id: string, path: unknown): Directory | undefined {
  if (path === undefined) return undefined
  if (typeof path === 'string' && path !== '') return new Directory(path)
  throw new TypeError(`pipeline ${id}: directory must be the path of a folder, got ${JSON.stringify(path)}`)
}
