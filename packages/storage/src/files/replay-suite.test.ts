import { sourceSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { fileOf } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const channels = { a: 'V' }
const lines = Array.from(
  { length: 2000 },
  (_, i) => `${i / 10},${i % 7 === 3 ? 'bad' : i},${'xyz'[(i >> 8) % 3]}`
).join('\n')
const text = `t,a,run\n${lines}\n1000,bad,x`
const plain = fileOf(text)
const packed = fileOf(text, '.csv.gz')
const unreachable = () => replay('no/such/file.csv', { channels, rate: 1 })

sourceSuite(
  'replay with times',
  {
    open: () => replay(plain, { channels, time: { column: 't', unit: 's' } }),
    scans: 2000,
    unreachable
  },
  { describe, it }
)
sourceSuite(
  'replay of groups in another order, packed',
  {
    open: () =>
      replay(packed, {
        channels,
        rate: 10,
        group: { column: 'run', as: 'streams', order: ['z', 'x'] }
      }),
    unreachable
  },
  { describe, it }
)
