import { describe, expect, it } from 'vitest'
import { batchesOf, fileOf, readScans, scansOf } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const channels = { a: 'V' }
const text = 'run,t,a\nF1,0,1\nF1,1,2\nF2,0,3\nF2,1,4\nH1,0,5\nH1,1,6\n'
const rate = 10
const time = { column: 't', unit: 's' } as const

describe.each(['.csv', '.csv.gz'])('replay: groups of a %s file', (ending) => {
  it('gives a stream for each value, tagged with it', async () => {
    const source = replay(fileOf(text, ending), { channels, time, group: { column: 'run', as: 'streams' } })
    const [batch] = await batchesOf(source)
    expect(batch!.blocks.map(({ stream, length }) => [stream.id, stream.tags, length])).toEqual([
      ['F1', { run: 'F1' }, 2],
      ['F2', { run: 'F2' }, 2],
      ['H1', { run: 'H1' }, 2]
    ])
    expect(scansOf([batch!]).map(({ ns }) => Number(ns) / 1e9)).toEqual([0, 1, 0, 1, 0, 1])
  })

  it('keeps streams apart that are mixed line by line, each with its own grid', async () => {
    const mixed = fileOf('m,a\nx,1\ny,2\nx,3\ny,bad\ny,4\n', ending)
    const scans = await readScans(
      replay(mixed, { channels, rate, stream: 'hall', group: { column: 'm', as: 'streams' } })
    )
    const of = (id: string) => scans.filter(({ stream }) => stream === id)
    expect(of('hall/x').map(({ values, ns }) => [values[0], ns])).toEqual([
      [1, 0n],
      [3, 100_000_000n]
    ])
    expect(of('hall/y').map(({ values, ns, gap }) => [values[0], ns, gap?.scans])).toEqual([
      [2, 0n, undefined],
      [4, 200_000_000n, 1]
    ])
  })

  it('gives one stream with a gap of unknown length between runs, a second on', async () => {
    const scans = await readScans(
      replay(fileOf(text, ending), { channels, rate, group: { column: 'run', as: 'gaps' } })
    )
    expect(scans.map(({ gap }) => gap?.cause)).toEqual([
      undefined,
      undefined,
      'recording',
      undefined,
      'recording',
      undefined
    ])
    expect(scans[2]!.gap).toEqual({ scans: 'unknown', cause: 'recording' })
    expect(scans.map(({ ns }) => Number(ns) / 1e9)).toEqual([0, 0.1, 1.2, 1.3, 2.4, 2.5])
  })

  it('counts the scans of a pause that is given', async () => {
    const group = { column: 'run', as: 'gaps', pause: '2s' } as const
    const scans = await readScans(replay(fileOf(text, ending), { channels, rate, group }))
    expect(scans[4]!.gap).toEqual({ scans: 20, cause: 'recording' })
    expect(scans.map(({ ns }) => Number(ns) / 1e9)).toEqual([0, 0.1, 2.2, 2.3, 4.4, 4.5])
  })

  it('replays the values that are asked for, in that order, each as a run of its own', async () => {
    const group = { column: 'run', as: 'gaps', order: ['H1', 'F1'], pause: '500ms' } as const
    const source = replay(fileOf(text, ending), { channels, rate, group })
    const scans = await readScans(source)
    expect(scans.map(({ values, position, ns, gap }) => [values[0], position, Number(ns) / 1e9, gap?.scans])).toEqual([
      [5, 0, 0, undefined],
      [6, 1, 0.1, undefined],
      [1, 2, 0.7, 5],
      [2, 3, 0.8, undefined]
    ])
    expect(source.counts.lines).toBe(4)
  })

  it('moves runs that would begin before the end of the one before, and leaves others alone', async () => {
    const path = fileOf('run,t,a\nA,0,1\nA,1,2\nB,0.25,3\nB,1.5,4\nC,100,5\n', ending)
    const times = async (order?: string[]) => {
      const group = { column: 'run', as: 'gaps', pause: '1.5s', ...(order && { order }) } as const
      return (await readScans(replay(path, { channels, time, group }))).map(({ ns }) => Number(ns) / 1e9)
    }
    expect(await times()).toEqual([0, 1, 2.5, 3.75, 100])
    expect(await times(['C', 'B', 'A'])).toEqual([100, 101.5, 102.75, 104.25, 105.25])
  })

  it('collects the lines of a value that stand apart', async () => {
    const path = fileOf('m,a\nx,1\ny,2\nx,3\nx,bad\ny,4\nz,9\nx,5\n', ending)
    const order = ['y', 'x']
    const scans = await readScans(replay(path, { channels, rate, group: { column: 'm', as: 'streams', order } }))
    expect(scans.map(({ stream, values, gap }) => [stream, values[0], gap?.scans])).toEqual([
      ['y', 2, undefined],
      ['y', 4, undefined],
      ['x', 1, undefined],
      ['x', 3, undefined],
      ['x', 5, 1]
    ])
  })

  it('reads every group of a file larger than its buffers, in reverse', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `g${i}`)
    const body = names.flatMap((name, g) => Array.from({ length: 2000 }, (_, i) => `${name},${g * 10_000 + i}.125`))
    const path = fileOf(`run,a\n${body.join('\n')}\n`, ending)
    const order = names.toReversed()
    const scans = await readScans(replay(path, { channels, rate, group: { column: 'run', as: 'streams', order } }))
    const expected = order.flatMap((name) =>
      Array.from({ length: 2000 }, (_, i) => Number(name.slice(1)) * 10_000 + i + 0.125)
    )
    const wrong = scans.findIndex(({ values, position }, i) => values[0] !== expected[i] || position !== i)
    expect([scans.length, wrong]).toEqual([80_000, -1])
  })

  it('names the line of the file, not of the reading', async () => {
    const told: string[] = []
    const path = fileOf('run,a\nx,1\nx,no\n\ny,2\ny,no\n', ending)
    const group = { column: 'run', as: 'gaps', order: ['y', 'x'] } as const
    await readScans(replay(path, { channels, rate, group, onBadLine: ({ where }) => told.push(where) }))
    expect(told).toEqual([`${path}, line 6`, `${path}, line 3`])
  })

  it('refuses a value that is not in the file, and lists what is', async () => {
    const group = { column: 'run', as: 'gaps', order: ['H1', 'H9'] } as const
    const reading = batchesOf(replay(fileOf(text, ending), { channels, rate, group }))
    await expect(reading).rejects.toThrow(
      "group.order names 'H9', which is not in column 'run'; it has: 'H1', 'F1', 'F2'"
    )
  })
})

describe('replay: lines without a group', () => {
  it('gives them to the run before them, and those at the beginning to the first', async () => {
    const path = fileOf('run,a\n,7\nx,1\n,8\nx,2\n')
    const scans = await readScans(replay(path, { channels, rate, group: { column: 'run', as: 'streams' } }))
    expect(scans.map(({ values, gap }) => [values[0], gap])).toEqual([
      [1, { scans: 1, cause: 'rejected' }],
      [2, { scans: 1, cause: 'rejected' }]
    ])
  })
})
