import { expect, it } from 'vitest'
import { program, until } from './fixtures/program.ts'

it('simulates an amplifier that the other commands read', async () => {
  const simulator = program(['simulate', '--rate', '2000', '--serial', '4711', '--counter-channel', '1'])
  const url = await until(() => simulator.out.find((line) => line.startsWith('tcp://')))
  const scan = program(['scan', url])
  expect(await scan.ended).toBe(0)
  expect(scan.out).toEqual([`${url}  gsv-8 4711, firmware 1.56`])
  const read = program(['read', url, '--scans', '5', '--json', '--channels', '1=count'])
  expect(await read.ended).toBe(0)
  const [first, ...rest] = read.out.map((line) => JSON.parse(line).count)
  expect(rest).toEqual([1, 2, 3, 4].map((n) => first + n))
  expect(await simulator.stop()).toBe(0)
})
