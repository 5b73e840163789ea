import type { OutletMetrics } from '../delivery/outlet-metrics.ts'
import type { SpoolMetrics } from '../model/spool.ts'
import type { Run } from './run.ts'
import type { CheckpointMetrics, RunMetrics, SourceMetrics } from './status.ts'

type Kind = 'counter' | 'gauge'
type Numbers<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T]
/** A family: its name, its kind, what it is, the metric it shows, and what turns that into its unit. */
type Row<T> = readonly [name: string, kind: Kind, help: string, metric: Numbers<T>, factor?: number]

const S_PER_MS = 1e-3

const run: readonly Row<RunMetrics>[] = [
  ['scans', 'counter', 'Scans that entered the operators.', 'scans'],
  ['values', 'counter', 'Values that entered the operators.', 'values'],
  ['blocks_rejected', 'counter', 'Blocks and payloads given to the dead letters.', 'rejected'],
  ['streams', 'gauge', 'Streams whose operator state is kept.', 'streams'],
  ['streams_evicted', 'counter', 'Streams whose operator state was forgotten.', 'evictedStreams'],
  ['unsettled_bytes', 'gauge', 'Taken from the sources and not durable yet.', 'unsettledBytes'],
  ['unsettled_largest_bytes', 'gauge', 'The most that was ever unsettled.', 'largestUnsettledBytes'],
  ['paused_seconds', 'counter', 'Time that the credit held the sources up.', 'pausedMs', S_PER_MS]
]

const source: readonly Row<SourceMetrics>[] = [
  ['source_batches', 'counter', 'Batches received.', 'batches'],
  ['source_scans', 'counter', 'Scans received.', 'scans'],
  ['source_gaps', 'counter', 'Declared holes.', 'gaps'],
  ['source_missing_scans', 'counter', 'Scans missing in holes that know their number.', 'missingScans'],
  ['source_late', 'counter', 'Holes of data that came too late.', 'late'],
  ['source_rejected', 'counter', 'Payloads that could not be decoded.', 'rejected'],
  ['source_redelivered', 'counter', 'Batches delivered again that entered no operator.', 'redelivered'],
  ['source_retries', 'counter', 'Times it was read again after a failure.', 'retries'],
  ['source_commits', 'counter', 'Commits.', 'commits'],
  ['source_uncommitted', 'gauge', 'Batches taken and not committed.', 'uncommitted'],
  ['source_unsettled_bytes', 'gauge', 'Taken from it and not durable yet.', 'unsettledBytes'],
  ['source_oldest_unsettled_seconds', 'gauge', 'Age of the oldest unsettled batch.', 'oldestUnsettledMs', S_PER_MS]
]

const sink: readonly Row<OutletMetrics>[] = [
  ['sink_items', 'counter', 'Items that are durable.', 'items'],
  ['sink_bytes', 'counter', 'Bytes that are durable.', 'bytes'],
  ['sink_writes', 'counter', 'Writes that succeeded.', 'writes'],
  ['sink_dropped', 'counter', 'Items dropped by a bestEffort sink.', 'dropped'],
  ['sink_retried', 'counter', 'Writes that were repeated.', 'retried'],
  ['sink_rejected', 'counter', 'Items given to the dead letters.', 'rejected'],
  ['sink_timeouts', 'counter', 'Writes that took too long.', 'timeouts'],
  ['sink_queued_items', 'gauge', 'Items that wait.', 'queuedItems'],
  ['sink_queued_bytes', 'gauge', 'Bytes that wait.', 'queuedBytes'],
  ['sink_oldest_seconds', 'gauge', 'Age of the oldest item that waits.', 'oldestMs', S_PER_MS]
]

const spool: readonly Row<SpoolMetrics>[] = [
  ['spool_records', 'gauge', 'Batches on disk.', 'records'],
  ['spool_bytes', 'gauge', 'Bytes on disk.', 'bytes'],
  ['spool_appended', 'counter', 'Batches that became durable.', 'appended'],
  ['spool_dropped_records', 'counter', 'Batches that the policy dropped.', 'droppedRecords'],
  ['spool_dropped_scans', 'counter', 'Scans that the policy dropped.', 'droppedScans'],
  ['spool_lost_records', 'counter', 'Batches lost by damage of the disk.', 'lostRecords'],
  ['spool_waiting', 'gauge', 'Batches that wait in memory for the disk.', 'waiting'],
  ['spool_retried', 'counter', 'Writes to the disk that were repeated.', 'retried']
]

const checkpoint: readonly Row<CheckpointMetrics>[] = [
  ['checkpoints_saved', 'counter', 'Checkpoints saved.', 'saved'],
  ['checkpoints_failed', 'counter', 'Saves that failed.', 'failed'],
  ['checkpoint_age_seconds', 'gauge', 'Since the last one.', 'ageMs', S_PER_MS],
  ['checkpoint_bytes', 'gauge', 'Size of the last one.', 'bytes'],
  ['checkpoint_capture_seconds', 'gauge', 'Time to copy the state for the last one.', 'captureMs', S_PER_MS],
  ['checkpoint_wait_seconds', 'gauge', 'Time until all before the last one was durable.', 'waitMs', S_PER_MS],
  ['checkpoint_save_seconds', 'gauge', 'Time to save the last one.', 'saveMs', S_PER_MS]
]

/**
 * The metrics of a run as OpenMetrics text, to be served under `application/openmetrics-text; version=1.0.0`.
 *
 * Times are in seconds, sizes in bytes. Labels: `pipeline`, and `source` or `sink`; of `source_lag` also `split`.
 *
 * Reference: OpenMetrics 1.0, https://prometheus.io/docs/specs/om/open_metrics_spec/
 *
 * @example
 * ```ts
 * import { openMetrics, pipeline, pushSource } from '@messwerk/core'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const run = pipeline('pump').from(pump).to(recordingSink()).start()
 * pump.push({ pressure: 3.1 })
 * await run.stop()
 * openMetrics(run).includes('messwerk_scans_total{pipeline="pump"} 1') // => true
 * ```
 */
export function openMetrics(of: Run): string {
  const { metrics } = of
  const { sources, outlets, checkpoints } = metrics
  const pipeline = { pipeline: of.id }
  const { live, ready } = of.health()
  const texts = [
    families(run, [[pipeline, metrics]]),
    families(source, labelled(pipeline, 'source', sources)),
    lags(pipeline, sources),
    families(sink, labelled(pipeline, 'sink', outlets)),
    families(spool, labelled(pipeline, 'sink', spoolsOf(outlets))),
    families(checkpoint, checkpoints ? [[pipeline, checkpoints]] : []),
    family('live', 'gauge', '1 while no restart is needed.', [[pipeline, Number(live)]]),
    family('ready', 'gauge', '1 while data flows.', [[pipeline, Number(ready)]])
  ]
  return `${texts.join('')}# EOF\n`
}

type Labels = Readonly<Record<string, string>>

function labelled<T>(common: Labels, label: string, all: Readonly<Record<string, T>>): [Labels, T][] {
  return Object.entries(all).map(([id, metrics]) => [Object.assign({ [label]: id }, common), metrics])
}

function spoolsOf(outlets: Readonly<Record<string, OutletMetrics>>): Record<string, SpoolMetrics> {
  const entries = Object.entries(outlets).flatMap(([id, { spool: of }]) => (of ? [[id, of] as const] : []))
  return Object.fromEntries(entries)
}

/** A sample for each split that is being read. */
function lags(common: Labels, sources: RunMetrics['sources']): string {
  const samples = Object.entries(sources).flatMap(([id, { lag = {} }]) =>
    Object.entries(lag).map(([split, value]) => [Object.assign({ source: id, split }, common), value] as const)
  )
  if (samples.length === 0) return ''
  return family('source_lag', 'gauge', 'What lies at the peer behind what was handed over.', samples)
}

function families<T>(rows: readonly Row<T>[], of: readonly (readonly [Labels, T])[]): string {
  if (of.length === 0) return ''
  return rows
    .map(([name, kind, help, metric, factor = 1]) => {
      const samples = of.map(([labels, metrics]) => [labels, (metrics[metric] as number) * factor] as const)
      return family(name, kind, help, samples)
    })
    .join('')
}

function family(name: string, kind: Kind, help: string, samples: readonly (readonly [Labels, number])[]): string {
  const full = `messwerk_${name}`
  const suffix = kind === 'counter' ? '_total' : ''
  const lines = samples.map(([labels, value]) => `${full}${suffix}${labelText(labels)} ${value}\n`)
  const unit = /_(seconds|bytes)$/.exec(name)?.[1]
  return `# TYPE ${full} ${kind}\n${unit ? `# UNIT ${full} ${unit}\n` : ''}# HELP ${full} ${help}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escaped(value)}"`)
  return `{${parts.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
