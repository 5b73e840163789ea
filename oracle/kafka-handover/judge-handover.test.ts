import { expect, it } from 'vitest'
import { judgeHandover } from './judge-handover.ts'
import type { Noted, NotedScan } from './noted.ts'

const scan = (key: string, time: number, notedAt: number, score = '1'): NotedScan => ({
  notedAt,
  key,
  time: `${time}`,
  score,
  flag: '0'
})
const noted = (scans: readonly NotedScan[], events: readonly string[] = []): Noted => ({ scans, events })
const truth = noted([scan('a', 1, 0), scan('a', 2, 0), scan('b', 1, 0)], ['x begin', 'x end'])

it('finds nothing where nothing is wrong, and how long a key was left alone', () => {
  const workers = [noted([scan('a', 1, 900)]), noted([scan('b', 1, 950), scan('a', 2, 1300)], ['x begin', 'x end'])]
  expect(judgeHandover(workers, truth, { worker: 0, at: 1000 }, 3)).toEqual({
    sent: 3,
    scored: 3,
    lost: 0,
    different: 0,
    repeated: 0,
    movedKeys: 1,
    movedAfterMs: { median: 300, worst: 300 },
    events: 2,
    eventsLost: 0,
    eventsTooMany: 0,
    eventsRepeated: 0
  })
})

it('finds what is lost, different and repeated, and a key that nobody took', () => {
  const workers = [
    noted([scan('a', 1, 900)], ['x begin']),
    noted([scan('b', 1, 950, 'NaN'), scan('b', 1, 960)], ['x begin', 'y begin'])
  ]
  expect(judgeHandover(workers, truth, { worker: 0, at: 1000 }, 3)).toMatchObject({
    scored: 2,
    lost: 1,
    different: 1,
    repeated: 1,
    movedAfterMs: { worst: Number.POSITIVE_INFINITY },
    eventsLost: 1,
    eventsTooMany: 1,
    eventsRepeated: 1
  })
})
