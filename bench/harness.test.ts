import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { bench, type Contender } from './harness.ts'

let clock = 0
beforeEach(() => {
  clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})
afterEach(() => vi.restoreAllMocks())

/** Takes `ms` of the mocked clock for 10 pieces of work. */
const taking =
  (ms: number, result: unknown = 'same', order: string[] = []): Contender =>
  () => {
    clock += ms
    order.push(String(ms))
    return { work: 10, result }
  }
const effort = { repeats: 10, seconds: 0.4 }

it('gives rates and times in the unit of the case, and a ratio above 1 where ours is better', async () => {
  const rows = await bench(
    'x',
    async (b) => {
      await b.versus('rate', { unit: 'scans/s', better: 'higher', ours: taking(100), peer: taking(200), peerName: 'p' })
      await b.versus('time', { unit: 'ms/scan', better: 'lower', ours: taking(300), peer: taking(150), peerName: 'p' })
      await b.overhead('more', { unit: 'us/scan', ours: taking(300), peer: taking(100), peerName: 'p' })
      await b.lone('alone', { unit: 'scans/s', better: 'higher', ours: taking(50) })
    },
    effort
  )
  expect(rows).toEqual([
    { case: 'rate', unit: 'scans/s', ours: 100, peer: 50, peerName: 'p', ratio: 2, min: 100, max: 100 },
    { case: 'time', unit: 'ms/scan', ours: 30, peer: 15, peerName: 'p', ratio: 0.5, min: 30, max: 30 },
    {
      case: 'more',
      unit: 'us/scan',
      ours: 20_000,
      peer: 10_000,
      peerName: 'p',
      ratio: 1 / 3,
      min: 20_000,
      max: 20_000
    },
    { case: 'alone', unit: 'scans/s', ours: 200, peer: null, peerName: null, ratio: null, min: 200, max: 200 }
  ])
})

it('repeats each run for its time and takes turns in going first', async () => {
  const order: string[] = []
  await bench(
    'x',
    (b) =>
      b.versus('a', {
        unit: 'x/s',
        better: 'higher',
        ours: taking(200, 0, order),
        peer: taking(201, 0, order),
        peerName: 'p'
      }),
    { repeats: 2, seconds: 0.4 }
  )
  const check = ['200', '201']
  const oursFirst = ['200', '200', '201', '201']
  const peerFirst = ['201', '201', '200', '200']
  expect(order).toEqual([...check, ...oursFirst, ...peerFirst, ...oursFirst])
})

it('refuses to compare what does not agree', async () => {
  const different = {
    unit: 'x/s',
    better: 'higher',
    ours: taking(1, [1]),
    peer: taking(1, [2]),
    peerName: 'p'
  } as const
  await expect(bench('x', (b) => b.versus('a', different), effort)).rejects.toThrow(
    'a: ours and p disagree: [1] and [2]'
  )
})

it('writes what it measured', async () => {
  const results = mkdtempSync(join(tmpdir(), 'bench-'))
  const rows = await bench('x', (b) => b.lone('a', { unit: 'x/s', better: 'higher', ours: taking(400) }), {
    ...effort,
    results
  })
  const written = JSON.parse(readFileSync(join(results, 'x.json'), 'utf8'))
  expect(written).toEqual({ name: 'x', node: process.version, date: expect.stringMatching(/^\d{4}-/), rows })
})
