import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { detect } from '@messwerk/core'
import { parseSpan, type Span } from '@messwerk/core/model'
import { type ReplaySource, replay, type TimeColumn, type TimeUnit } from '@messwerk/storage/files'
import { backtest, type Chain } from '../backtest.ts'
import { shortSeconds } from '../report-text.ts'
import { detectorByName } from './detector-by-name.ts'
import { type RecordingShape, recordingShape } from './recording-shape.ts'
import { UsageError } from './usage-error.ts'

const USAGE = `messwerk-backtest <recording.csv> [options]

Replays a recording through a detector and says what each threshold would have done.

  --detector robustZ      which detector of @messwerk/detectors, with its defaults
  --thresholds 4,6,8.5    limits of the score to try; without them only the curve
  --learn 25%             what it learns from first: a share, a span ('1h') or scans ('5000 scans')
  --adapt                 goes on learning behind that
  --channels a=bar,b=kN   columns to use, with their units; all with numbers where it is left out
  --time column=iso       column of the time and its unit: iso, s, ms, us, ns; found by its name where it is left out
  --rate 100              scans per second of a file without times
  --label column          column that is not 0 where something was wrong; 'none' for none
  --html report.html      writes the page
  --json report.json      writes the numbers
`

const OPTIONS = {
  detector: { type: 'string', default: 'robustZ' },
  thresholds: { type: 'string' },
  learn: { type: 'string', default: '25%' },
  adapt: { type: 'boolean', default: false },
  channels: { type: 'string' },
  time: { type: 'string' },
  rate: { type: 'string' },
  label: { type: 'string' },
  html: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false }
} as const

/** Where a command writes. @internal */
export interface Surroundings {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly signal?: AbortSignal
}

/** Runs the program `messwerk-backtest`; returns its exit code. @internal */
export async function backtestCommand(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    await run(args, around)
    return 0
  } catch (error) {
    around.err((error as Error).message)
    return error instanceof UsageError ? 2 : 1
  }
}

async function run(args: readonly string[], { out, err, signal }: Surroundings): Promise<void> {
  const { values, positionals } = parsed(args)
  if (values.help) return out(USAGE)
  const [path] = positionals
  if (path === undefined || positionals.length > 1)
    throw new UsageError('give one recording; see messwerk-backtest --help')
  const spec = detectorByName(values.detector)
  const thresholds = (values.thresholds?.split(',') ?? []).map((text) => positive('--thresholds', text))
  const shape = await recordingShape(path)
  const label = values.label === 'none' ? undefined : (values.label ?? shape.label)
  const open = (): ReplaySource<string> => opened(path, shape, values, label)
  const learn = await learnSpan(values.learn, open, signal)
  const then = values.adapt ? 'adapt' : 'freeze'
  const chain: Chain = (threshold) => [detect(spec, { learn, then, threshold })]
  const source = open()
  let told = 0
  const report = await backtest(source, chain, {
    thresholds,
    title: path,
    ...(label !== undefined && { labels: label }),
    ...(signal && { signal }),
    onProgress: ({ pass, scans }) => {
      if (scans < told + 100_000 && scans >= told) return
      told = scans
      err(`pass ${pass} of 2: ${scans} scans`)
    }
  })
  const { rejected } = source.counts
  out(`${report.scans} scans, ${report.scored} of them scored: ${shortSeconds(report.seconds)}`)
  if (rejected > 0) err(`${rejected} lines could not be read and were left out`)
  for (const line of report.text()) out(line)
  if (thresholds.length === 0) for (const one of report.curve) out(`${one.name}\t${one.alarms} alarms`)
  if (values.html !== undefined) await writeFile(values.html, report.html())
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('\n', 1)[0]}; see messwerk-backtest --help`)
  }
}

type Values = ReturnType<typeof parsed>['values']

function opened(
  path: string,
  shape: RecordingShape,
  { channels, time, rate }: Values,
  label: string | undefined
): ReplaySource<string> {
  const units = channels === undefined ? shape.channels : Object.fromEntries(channels.split(',').map(pairOf))
  delete (units as Record<string, string>)[label ?? '']
  const given = time === undefined ? shape.time : timeOf(time)
  if (rate === undefined && given === undefined)
    throw new UsageError(`${path}: no column of times was found; give --time column=iso, or --rate 100`)
  return replay(path, {
    channels: units,
    columns: shape.columns,
    delimiter: shape.delimiter,
    decimal: shape.decimal,
    ...(label !== undefined && { labels: [label] }),
    ...(rate === undefined ? { time: given! } : { rate: positive('--rate', rate) })
  })
}

function pairOf(text: string): [string, string] {
  const at = text.lastIndexOf('=')
  return at < 0 ? [text.trim(), '1'] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function timeOf(text: string): TimeColumn {
  const [column, unit] = pairOf(text)
  const units = ['iso', 's', 'ms', 'us', 'ns']
  if (!units.includes(unit))
    throw new UsageError(`--time must be column=unit, one of ${units.join(', ')}, got '${text}'`)
  return { column, unit: unit as TimeUnit }
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value
  throw new UsageError(`${option} must be above 0, got '${text}'`)
}

/** A share needs to know how long the recording is: it is read once for that. */
async function learnSpan(text: string, open: () => ReplaySource<string>, signal?: AbortSignal): Promise<Span> {
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)
  const count = /^(\d+)\s*scans$/.exec(text)
  if (count) return { scans: Number(count[1]) }
  if (!share) {
    parseSpan(text as Span, '--learn')
    return text as Span
  }
  const part = Number(share[1]) / 100
  if (!(part > 0 && part < 1)) throw new UsageError(`--learn must leave something to score, got '${text}'`)
  let scans = 0
  const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
  const reading = open().read({ signal: signal ?? new AbortController().signal, from: {}, splits })
  for await (const { blocks } of reading) for (const block of blocks) scans += block.length
  return { scans: Math.max(2, Math.floor(part * scans)) }
}
