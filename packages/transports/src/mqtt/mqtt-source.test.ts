import { describe, expect, it } from 'vitest'
import { type Reader, until } from './fixtures/reader.ts'
import { broker, message, readerOf, running, sourceOn } from './fixtures/source-bench.ts'

describe.each([4, 5] as const)('MQTT version %i', (version) => {
  it.each([1, 2] as const)(
    'QoS %i: acknowledges nothing before the commit, then in the order of arrival',
    async (qos) => {
      const on = await broker()
      const reader = readerOf(sourceOn(on, { version, qos }), { commits: false })
      await running(reader)
      for (let t = 0; t < 50; t += 1) on.publish('line/m1', message(t), { qos })
      await until(() => reader.values.length === 50, '50 values')
      expect(on.acknowledged).toEqual([])
      const at = (reader.batches.at(-1)?.position ?? 0) - 30
      await reader.source.commit?.({ 'mqtt:c': at })
      await until(() => on.acknowledged.length === 20, '20 acknowledgements')
      await reader.commitAll()
      await until(() => on.outstanding('c') === 0, 'all acknowledged')
      expect(on.acknowledged).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
      expect(reader.values).toEqual(Array.from({ length: 50 }, (_, i) => i))
    }
  )

  it.each([1, 2] as const)(
    'QoS %i: what was not committed comes again, each alone, marked, with the same ids',
    async (qos) => {
      const on = await broker()
      const source = sourceOn(on, { version, qos })
      const first = readerOf(source, { commits: false })
      await running(first)
      for (let t = 0; t < 10; t += 1) on.publish('line/m1', message(t), { qos })
      await until(() => first.values.length === 10, '10 values')
      await source.commit?.({ 'mqtt:c': 3 })
      await until(() => on.outstanding('c') <= 6, 'four are acknowledged')
      on.cut()
      await first.ended
      expect(first.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })

      on.publish('line/m1', message(10), { qos })
      const second = readerOf(source, { commits: false })
      await until(() => second.values.length === 7, 'seven values')
      expect(second.values).toEqual([4, 5, 6, 7, 8, 9, 10])
      const idsOf = (reader: Reader) => reader.batches.flatMap(({ ids }) => Array.from(ids ?? []))
      expect(idsOf(second).slice(0, 6)).toEqual(idsOf(first).slice(4))
      expect(idsOf(second).every(Number.isSafeInteger)).toBe(true)
      expect(second.batches.map(({ redelivered, ids }) => [redelivered, ids?.length])).toEqual([
        ...Array.from({ length: 6 }, () => [true, 1]),
        [undefined, 1]
      ])
      expect(second.batches[0]?.position).toBe((first.batches.at(-1)?.position ?? 0) + 1)
    }
  )
})
