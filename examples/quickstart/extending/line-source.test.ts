import { sourceSuite } from '@messwerk/core/testing'
import { afterAll, describe, it } from 'vitest'
import { dataLogger } from './data-logger.ts'
import { lineSource } from './line-source.ts'

const logger = await dataLogger(Array.from({ length: 5000 }, (_, i) => `${1000 * i} ${3 + Math.sin(i)} ${i % 7}`))
afterAll(() => logger.close())

const open = () => lineSource('127.0.0.1', logger.port, 'pump-1')
const unreachable = () => lineSource('127.0.0.1', 9, 'pump-1') // the port of discard: nobody is there
sourceSuite('lineSource', { open, unreachable, scans: 5000 }, { describe, it })
