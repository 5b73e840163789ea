import { sinkSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { rowSink } from './row-sink.ts'
import { rowStore } from './row-store.ts'

sinkSuite(
  'rowSink',
  {
    async store() {
      const server = await rowStore()
      const rowOf = ([key, values]: [string, Readonly<Record<string, number | null>>]) => {
        const [stream = '', time = ''] = key.split(' ')
        return { stream, time: BigInt(time), values }
      }
      return {
        open: async () => rowSink(server.url),
        read: async () => Array.from(server.rows, rowOf),
        remove: () => server.close()
      }
    }
  },
  { describe, it }
)
