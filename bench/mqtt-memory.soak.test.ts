import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { mqttMemory } from './mqtt-memory.ts'

const HOUR = 60
/** MB an hour; a message of 60 bytes kept in a thousand would be more than ten. */
const FLAT = 10

const minutes = Number(process.env.MESSWERK_SOAK_MINUTES ?? HOUR)

it('MQTT at full rate leaves memory flat, and every message is in the store once', {
  timeout: (minutes + 20) * 60_000
}, async (context) => {
  const result = await mqttMemory({
    minutes,
    warmUpMinutes: Math.min(5, minutes / 4),
    sampleSeconds: minutes < 10 ? 2 : 10,
    print: (line) => console.log(line)
  })
  if (typeof result === 'string') return context.skip(result)
  const { everyMinute, ...shown } = result
  console.log(JSON.stringify(shown, null, 2))
  if (minutes >= HOUR) {
    const content = { name: 'mqtt-memory', node: process.version, date: new Date().toISOString(), ...result }
    writeFileSync(`${import.meta.dirname}/results/mqtt-memory.json`, `${JSON.stringify(content, null, 2)}\n`)
  }
  expect(result).toMatchObject({ lost: 0, isEachOnce: true, gaps: 0, rejected: 0 })
  if (minutes < HOUR) return
  expect(result.growth.heapUsed.to).toBeLessThan(FLAT)
  expect(result.growth.arrayBuffers.to).toBeLessThan(FLAT)
})
