import { parseArgs } from 'node:util'
import { FAULTS, type Fault } from './feed.ts'
import { SABOTAGES, type Sabotage } from './protocol.ts'
import type { TrialOptions } from './trial.ts'

export const USAGE = `usage: npm run oracle -- --source mqtt|gsv|file|kafka --sink duckdb|ndjson|failing|kafka
  --records 1000000      how many records are sent
  --rate 5000            records per second
  --faults kill,cut,...  ${FAULTS.join(', ')}, or all, or none
  --seed 1               of the faults and of the values
  --json FILE            where the result goes
  --spool                puts the spool in front of the source
  --delivery required    of the sinks: required, or spooled
  --brokers 1            of Kafka; 3 where the fault 'leader' is asked for
  --checkpoints file     of Kafka: file, or kafka: in a topic, which the fault 'rebalance' needs
  --credit 64MiB         what the pipeline may hold that is not durable
  --broker-limits off    off, or default: the broker drops what exceeds its queue
  --kills N              most kills
  --timeout 3600         gives up after so many seconds
  --keep FOLDER          copies state and store there, for a look
  --sabotage NAME        plants a bug: ${SABOTAGES.join(', ')}`

const OPTIONS = {
  source: { type: 'string', default: 'file' },
  sink: { type: 'string', default: 'duckdb' },
  records: { type: 'string', default: '100000' },
  rate: { type: 'string', default: '5000' },
  faults: { type: 'string', default: 'kill' },
  seed: { type: 'string', default: '1' },
  json: { type: 'string' },
  spool: { type: 'boolean', default: false },
  delivery: { type: 'string', default: 'required' },
  brokers: { type: 'string' },
  checkpoints: { type: 'string' },
  credit: { type: 'string' },
  'broker-limits': { type: 'string', default: 'off' },
  kills: { type: 'string' },
  timeout: { type: 'string', default: '3600' },
  keep: { type: 'string' },
  sabotage: { type: 'string' },
  quiet: { type: 'boolean', default: false }
} as const

/** @throws RangeError that names the option */
export function cliOptions(args: readonly string[]): TrialOptions & { readonly json: string | undefined } {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const faults = values.faults === 'all' ? [...FAULTS] : values.faults === 'none' ? [] : values.faults.split(',')
  for (const fault of faults) oneOf('faults', fault, FAULTS)
  const source = oneOf('source', values.source, ['mqtt', 'gsv', 'file', 'kafka'] as const)
  const sink = oneOf('sink', values.sink, ['duckdb', 'ndjson', 'failing', 'kafka'] as const)
  if (sink === 'kafka' && source !== 'kafka') throw new RangeError(`--sink kafka needs --source kafka, got '${source}'`)
  return {
    source,
    sink,
    ...kafkaOptions(source, faults, values),
    records: positive('records', values.records),
    rate: positive('rate', values.rate),
    faults: faults as Fault[],
    seed: positive('seed', values.seed),
    spool: values.spool,
    delivery: oneOf('delivery', values.delivery, ['required', 'spooled'] as const),
    credit: values.credit,
    brokerLimits: oneOf('broker-limits', values['broker-limits'], ['off', 'default'] as const),
    kills: values.kills === undefined ? undefined : positive('kills', values.kills),
    timeout: positive('timeout', values.timeout),
    keep: values.keep,
    sabotage: values.sabotage === undefined ? undefined : (oneOf('sabotage', values.sabotage, SABOTAGES) as Sabotage),
    log: values.quiet ? undefined : (line) => console.error(line),
    json: values.json
  }
}

/** What the faults need where nothing is said. */
function kafkaOptions(
  source: string,
  faults: readonly string[],
  values: { brokers?: string; checkpoints?: string; spool: boolean }
): Pick<TrialOptions, 'brokers' | 'checkpoints'> {
  if (source !== 'kafka') return { checkpoints: 'file' }
  const isShared = faults.includes('rebalance')
  const brokers = positive('brokers', values.brokers ?? (faults.includes('leader') ? '3' : '1'))
  const checkpoints = values.checkpoints ?? (isShared ? 'kafka' : 'file')
  const known = isShared ? (['kafka'] as const) : (['file', 'kafka'] as const)
  const kind = oneOf('checkpoints', checkpoints, known)
  if (kind === 'kafka' && values.spool) throw new RangeError('--checkpoints kafka cannot keep what a --spool holds')
  return { brokers, checkpoints: kind }
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  if (known.includes(value as T)) return value as T
  throw new RangeError(`--${option} must be one of ${known.join(', ')}, got '${value}'`)
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new RangeError(`--${option} must be a positive whole number, got '${text}'`)
}
