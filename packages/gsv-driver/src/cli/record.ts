import { rm, stat } from 'node:fs/promises'
import type { Block, Gap, MeasurementEvent, Sink } from '@messwerk/core/model'
import { ndjsonSink } from '@messwerk/core/node'
import type { LegacyGsvDevice } from '../device/legacy/legacy-probe.ts'
import type { GsvDevice } from '../device/probe.ts'
import { isBlock } from './block-or-event.ts'
import { csvSink } from './csv-sink.ts'
import { CHANNEL_HELP, CHANNEL_OPTIONS, LINK_HELP, LINK_OPTIONS, sourceOptions } from './device-options.ts'
import { deviceText } from './info.ts'
import { limited } from './limited.ts'
import { type Given, parseCommand } from './parse-command.ts'
import { Progress } from './progress.ts'
import { readings } from './readings.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { gapOfNotice } from './text.ts'
import { UsageError } from './usage-error.ts'

const HELP = `usage: gsv-driver record <device> <file> [options]

Writes scans to a file until Ctrl-C. Gaps are declared in it; a lost link is opened again, what was missed is a gap.
CSV: time (UTC), a column for each channel, quality where it is not good, and what is missing before the row.
NDJSON: a line a scan, and one for each gap.

  --scans <n>            ends after so many scans
  --seconds <s>          ends after so long, by the clock of the device
  --format csv|ndjson    default: by the name of the file, .csv, .ndjson or .jsonl
  --overwrite            replaces a file that exists
${CHANNEL_HELP}
${LINK_HELP}`

/** Scans into a file. @internal */
export const record: Command = { summary: 'scans into a file, CSV or NDJSON', help: HELP, run }

const OPTIONS = {
  ...LINK_OPTIONS,
  ...CHANNEL_OPTIONS,
  scans: { type: 'string' },
  seconds: { type: 'string' },
  format: { type: 'string' },
  overwrite: { type: 'boolean' }
} as const

async function run(around: Surroundings): Promise<number> {
  const given = parseCommand('record', around.args, OPTIONS, ['<device>', '<file>'])
  const path = given.operands[1] ?? ''
  const limit = { scans: given.number('scans', 1, true), seconds: given.number('seconds', 0) }
  const options = sourceOptions(given)
  const format = formatOf(given, path)
  const exists = await stat(path).catch(() => undefined)
  if (exists && !given.flag('overwrite')) {
    throw new UsageError(`${path} exists; choose another name, or replace it with --overwrite`)
  }
  const onDevice = (device: GsvDevice | LegacyGsvDevice): void => around.err(`${deviceText(device)} at ${options.url}`)
  const scans = limited(readings(around, { ...options, onDevice }, limit), limit)
  const progress = new Progress(around, limit)
  // The old file stays until there is something to take its place.
  const sink = format === 'csv' ? csvSink(path) : ndjsonSink({ path })
  await store(scans, sink, progress, async () => exists && rm(path))
  progress.end(path)
  return 0
}

async function store(
  items: AsyncIterable<Block | MeasurementEvent>,
  sink: Sink<Block | MeasurementEvent>,
  progress: Progress,
  begin: () => Promise<unknown>
): Promise<void> {
  const never = new AbortController().signal
  let isFirst = true
  try {
    for await (const item of items) {
      if (isFirst) await begin()
      isFirst = false
      await sink.write([item], never)
      const gap: Gap | undefined = isBlock(item) ? item.gap : gapOfNotice(item)
      progress.add(isBlock(item) ? item : undefined, gap)
    }
  } finally {
    await sink.close?.()
  }
}

function formatOf(given: Given, path: string): 'csv' | 'ndjson' {
  const format = given.text('format') ?? /\.(csv|ndjson|jsonl)$/i.exec(path)?.[1]?.toLowerCase()
  if (format === 'csv') return 'csv'
  if (format === 'ndjson' || format === 'jsonl') return 'ndjson'
  throw new UsageError(`--format must be csv or ndjson, or the file be named .csv or .ndjson, got '${format ?? path}'`)
}
