import { of } from 'rxjs'
import { expect, it } from 'vitest'
import { type Block, blockOf } from '../model/index.ts'
import type { Operator } from '../rx/operator.ts'
import { convert } from './convert.ts'
import { derive } from './derive.ts'
import { minMax } from './min-max.ts'
import { phaseUnbalance } from './phase-unbalance.ts'
import { rename } from './rename.ts'
import { rms } from './rms.ts'
import { scale } from './scale.ts'
import { select } from './select.ts'
import { sequenceComponents } from './sequence-components.ts'
import { when } from './when.ts'

const pump = of(
  blockOf({ stream: 'pump', channels: { u: 'V', i: 'A', on: '1' }, rate: 10 }, { u: [1], i: [2], on: [1] })
)

/** Checked by the compiler; what it must refuse stands behind `@ts-expect-error`. */
export function types(): unknown[] {
  const extremes: Operator<'u', 'u.min' | 'u.max', 'replace'> = minMax({ window: '1s', channels: ['u'] })
  const unbalance: Operator<'a' | 'b' | 'c', 'unbalance'> = phaseUnbalance({
    phases: ['a', 'b', 'c'],
    definition: 'max-deviation'
  })
  const ofWindows: Operator<'a' | 'b' | 'c', 'x', 'replace'> = phaseUnbalance({
    phases: ['a', 'b', 'c'],
    definition: 'max-deviation',
    window: '1s',
    as: 'x'
  })
  const power = derive({ as: 'p', unit: 'W', from: ['u', 'i'], value: (u: number, i: number) => u * i })
  const behind: Block<'p.rms'>[] = []
  const all: Block<'u' | 'i' | 'on' | 'p'>[] = []
  pump.pipe(power, rms({ window: '1s', channels: ['p'] })).subscribe((block) => behind.push(block))
  pump
    .pipe(power, scale({ channels: { p: { factor: 2 } } }), convert({ channels: { u: 'mV' } }))
    .subscribe((block) => all.push(block))
  pump.pipe(
    rename({ u: 'voltage' }),
    select({ channels: ['voltage', 'i'] }),
    rms({ window: '1s', channels: ['voltage'] })
  )
  pump.pipe(
    when('on', rms({ window: '1s', channels: ['i'] }), { settle: '5s' }),
    rms({ window: '1s', channels: ['i.rms'] })
  )
  return [extremes, unbalance, ofWindows, behind, all]
}

export function refused(): unknown[] {
  return [
    // @ts-expect-error -- no channel uu
    () => pump.pipe(rms({ window: '1s', channels: ['uu'] })),
    // @ts-expect-error -- windows replaced it
    () => pump.pipe(rms({ window: '1s', channels: ['u'] }), select({ channels: ['u'] })),
    // @ts-expect-error -- the flag is missing
    () => pump.pipe(when('running', rms({ window: '1s', channels: ['u'] }))),
    // @ts-expect-error -- a number is no time
    () => rms({ window: 100 }),
    // @ts-expect-error -- three phases
    () => sequenceComponents({ phases: ['u', 'i'], frequency: 50, window: '20ms' }),
    // @ts-expect-error -- one argument for each channel
    () => derive({ as: 'p', unit: 'W', from: ['u'], value: (u: number, i: number) => u * i }),
    // @ts-expect-error -- not a definition
    () => phaseUnbalance({ phases: ['u', 'i', 'on'], definition: 'iec' })
  ]
}

it('runs what compiles', () => {
  expect(() => types()).not.toThrow()
})
