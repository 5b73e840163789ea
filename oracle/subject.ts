// The process under test: a source, raw rows, windows and events, each to a required sink, with checkpoints.
import { pipeline, rms, type StartOptions, threshold, toEvents } from '@messwerk/core'
import { kafkaCheckpoints } from '@messwerk/transports/kafka'
import { PARTITIONS, STATE } from './kafka-names.ts'
import type { FromSubject, SubjectSettings, ToSubject } from './protocol.ts'
import { CLEAR, RAISE } from './records.ts'
import { forgetfulWindows, sabotagedSinks, sabotagedSource } from './sabotage.ts'
import { subjectSinks } from './subject-sinks.ts'
import { subjectSource } from './subject-source.ts'

const settings = JSON.parse(process.argv[2] as string) as SubjectSettings
const say = (message: FromSubject): void => void process.send?.(message)
let isReady = false

function sayReady(): void {
  if (!isReady) say({ kind: 'ready' })
  isReady = true
}

function startOptions(): StartOptions {
  const { sabotage, checkpoints, address, state } = settings
  const credit = settings.credit as StartOptions['credit']
  if (sabotage === 'no-directory') return {}
  if (checkpoints === 'file') return { credit, directory: state, checkpoint: { every: '200ms' } }
  const store = kafkaCheckpoints({ url: address, topic: STATE, partitions: PARTITIONS, timeout: '5s' })
  return { credit, checkpoint: { store, every: '500ms' } }
}

say({ kind: 'loaded' })
process.on('disconnect', () => process.exit(1))

const source = sabotagedSource(subjectSource(settings), settings.sabotage)
const sinks = sabotagedSinks(
  subjectSinks(settings, (newest) => {
    sayReady() // data flows, whatever the source is waiting for to say so
    say({ kind: 'stored', newest, unsettled: run.metrics.largestUnsettledBytes })
  }),
  settings.sabotage
)
const windows = settings.sabotage === 'forgetful-window' ? forgetfulWindows() : rms({ window: '1s', channels: ['v'] })

const { delivery } = settings
const run = pipeline('oracle')
  .from(source)
  .to(sinks.raw, { delivery })
  .pipe(windows)
  .to(sinks.windows, { delivery })
  .pipe(threshold({ of: 'v.rms', raise: RAISE, clear: CLEAR }))
  .events(toEvents({ of: 'v.rms' }), sinks.events, { delivery })
  .start(startOptions())

process.on('message', ({ kind }: ToSubject) => {
  if (kind === 'stop') void run.stop({ drain: '30s' })
})

run.status$.subscribe(({ state, components }) => {
  const parts = Object.entries(components).map(([id, part]) => `${id} ${part.state} ${part.why ?? ''}`)
  say({ kind: 'status', text: [`${state}`, ...parts].join('; ') })
})

run.status$.subscribe(({ state, components }) => {
  const sources = Object.values(components).filter(({ kind }) => kind === 'source')
  if (state !== 'running' || sources.some((source) => source.state !== 'running')) return
  sayReady()
})

try {
  await run.done
  const { metrics } = run
  process.send?.({ kind: 'done', unsettled: metrics.largestUnsettledBytes, metrics }, () => process.exit(0))
} catch (error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error)
  process.send?.({ kind: 'failed', error: text }, () => process.exit(2))
}
