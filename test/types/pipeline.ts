// Channel names are types through sources, operators, sinks and branches.
import {
  type Flow,
  observe,
  operator,
  pipeline,
  pushSource,
  rms,
  select,
  threshold,
  toEvents,
  viaRx
} from '@messwerk/core'
import type { Block, MeasurementEvent, Sink, Source } from '@messwerk/core/model'
import { filter, map } from 'rxjs'

declare const press: Source<'force_x' | 'force_y'>
declare const oven: Source<'force_x' | 'temperature'>
declare const anyBlocks: Sink<Block>
declare const events: Sink<MeasurementEvent>
declare const forces: Sink<Block<'force_x'>>
declare const temperatures: Sink<Block<'temperature'>>
const flow = pipeline('press-3').from(press)

export const raw: Flow<'force_x' | 'force_y'> = flow.to(anyBlocks).to(forces)
export const features: Flow<'force_x.rms'> = flow.pipe(rms({ window: '100ms', channels: ['force_x'] }))
export const limited: Flow<'force_x.rms' | 'force_x.rms.limit' | 'force_x.rms.flag'> = flow
  .pipe(rms({ window: '100ms', channels: ['force_x'] }), threshold({ of: 'force_x.rms', raise: 6 }))
  .events(toEvents({ of: 'force_x.rms' }), events)
export const common: Flow<'force_x'> = pipeline('both').from(press, oven)
export const branched: Flow<'force_x' | 'force_y'> = flow.branch((branch) =>
  branch.pipe(select({ channels: ['force_y'] })).to(anyBlocks)
)
export const admitted: Flow<'force_x' | 'force_y'> = flow.pipe(
  viaRx(
    'long',
    filter((block: Block<'force_x' | 'force_y'>) => block.length > 1)
  )
)
export const own = operator<'force_x', 'force_x.squared'>({
  id: 'squared',
  needs: ['force_x'],
  kernel: (stream) => ({ output: stream, process: (block) => block })
})
export const extended: Flow<'force_x' | 'force_y' | 'force_x.squared'> = flow.pipe(own)
export const observed = observe(press).pipe(rms({ window: { scans: 64 }, channels: ['force_y'] }))

// @expect-error-text Did you mean '"force_x"'?
export const misspelt = flow.pipe(rms({ window: '100ms', channels: ['forcex'] }))

// @expect-error-text Type '"1m"' is not assignable to type
export const month = rms({ window: '1m' })

// @expect-error-text is not assignable to type
export const bare = rms({ window: 100 })

// @expect-error-text a plain RxJS operator needs viaRx
export const plain = flow.pipe(map((block: Block) => block))

// @expect-error-text '"force_x"'
export const gone = flow.pipe(rms({ window: '100ms', channels: ['force_y'] }), threshold({ of: 'force_x', raise: 6 }))

// @expect-error-text temperature
export const wrongSink = flow.to(temperatures)

export const notCommon = pipeline('both')
  .from(press, oven)
  // @expect-error-text Type '"force_y"' is not assignable to type '"force_x"'
  .pipe(rms({ window: '1s', channels: ['force_y'] }))

const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar', current: 'A' } })
pump.push({ pressure: 3.1, current: 0.9 })

// @expect-error-text Property 'current' is missing
pump.push({ pressure: 3.1 })

// @expect-error-text 'presure' does not exist
pump.push({ presure: 3.1, current: 0.9 })
