import { blockOf } from '@messwerk/core/model'
import { operatorSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { smooth } from './smooth.ts'

const pressure = Array.from({ length: 64 }, (_, i) => (i % 9 === 4 ? Number.NaN : 3 + Math.sin(i)))
const blocks = [
  blockOf({ stream: 'pump-1', channels: { pressure: 'bar', current: 'A' }, rate: 10 }, { pressure, current: pressure })
]
operatorSuite('smooth', { operator: () => smooth({ channel: 'pressure', half: '1s' }), blocks }, { describe, it })
