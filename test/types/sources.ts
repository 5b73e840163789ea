// Every source knows the names of its channels, through to the operators.
import { type Flow, pipeline, rms, sequenceComponents, toBlocks } from '@messwerk/core'
import type { Source } from '@messwerk/core/model'
import { gsvSource } from '@messwerk/gsv-driver'
import { replay } from '@messwerk/storage/files'

const press = gsvSource({ url: 'serial:/dev/ttyACM0', channels: { 1: 'force_x', 2: 'force_y' } })
const motor = replay('currents.csv', { channels: { Ia: 'A', Ib: 'A', Ic: 'A' }, rate: 1000 })
declare const rows: AsyncIterable<{ temperature: number }>
const oven = toBlocks({ stream: 'oven', channels: { temperature: 'Cel' } })(rows)

export const amplifier: Source<'force_x' | 'force_y'> = press
export const recording: Source<'Ia' | 'Ib' | 'Ic'> = motor
export const iterable: Source<'temperature'> = oven
export const unnamed: Source = gsvSource({ url: 'tcp://10.0.0.5:4711' })
export const forces: Flow<'force_x.rms'> = pipeline('p')
  .from(press)
  .pipe(rms({ window: '1s', channels: ['force_x'] }))
export const phases = pipeline('m')
  .from(motor)
  .pipe(sequenceComponents({ phases: ['Ia', 'Ib', 'Ic'], frequency: 60, window: '50ms' }))

export const misspelt = pipeline('p')
  .from(press)
  // @expect-error-text Did you mean '"force_x"'?
  .pipe(rms({ window: '1s', channels: ['forcex'] }))

export const wrongPhase = pipeline('m')
  .from(motor)
  // @expect-error-text '"Id"'
  .pipe(sequenceComponents({ phases: ['Ia', 'Ib', 'Id'], frequency: 60, window: '50ms' }))

// @expect-error-text is not assignable to type
export const wrongUnit = replay('currents.csv', { channels: { Ia: 1 }, rate: 1000 })
