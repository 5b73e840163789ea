import { column, type DecodeError, Quality, type Source } from '@messwerk/core/model'
import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { batchesOf, fileOf, readScans } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const channels = { a: 'V', b: 'bar' }
const time = { column: 't', unit: 's' } as const
const valuesOf = async (source: Source) => (await readScans(source)).map(({ values }) => values)

describe('replay: what it reads', () => {
  it('gives blocks of columns with times, positions and a stream named after the file', async () => {
    const path = fileOf('t,a,b\n0.5,1,10\n0.75,2,20\n')
    const [batch, ...more] = await batchesOf(replay(path, { channels, time, stream: 'press' }))
    const block = batch!.blocks[0]!
    expect(more).toEqual([])
    expect([batch!.split, batch!.position]).toEqual([path, 1])
    expect([column(block, 'a'), column(block, 'b')]).toEqual([Float64Array.of(1, 2), Float64Array.of(10, 20)])
    expect(block.time).toEqual({
      start: 500_000_000n,
      clock: 'source',
      uncertainty: 0,
      offsets: Float64Array.of(0, 250e6)
    })
    expect(block.origin).toEqual({ split: path, position: 1, positions: Float64Array.of(0, 1) })
    expect([block.stream.id, block.gap, block.quality]).toEqual(['press', undefined, undefined])
    expect(block.stream.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['a', 'V'],
      ['b', 'bar']
    ])
  })

  it('names the stream after the file, without its endings', async () => {
    const [scan] = await readScans(replay(fileOf('a\n1\n', '-press.csv.gz'), { channels: { a: 'V' }, rate: 1 }))
    expect(scan!.stream).toMatch(/-press$/)
  })

  it('gives an even axis for a rate, exact far into a long file', async () => {
    const path = fileOf(`a\n${'1\n'.repeat(10_000)}`)
    const batches = await batchesOf(replay(path, { channels: { a: 'V' }, rate: 3000, start: new Date(5) }))
    const last = batches.at(-1)!.blocks[0]!
    expect(batches.map(({ blocks }) => blocks[0]!.length)).toEqual([...new Array(39).fill(256), 16])
    expect(last.time).toMatchObject({ start: 5_000_000n + 3_328_000_000n, period: 1e9 / 3000, phase: 0 })
    expect(last.stream.rate).toBe(3000)
    const scans = await readScans(replay(path, { channels: { a: 'V' }, rate: 3000, blockScans: 7 }))
    expect(scans.every(({ ns }, i) => ns === BigInt(Math.round((i * 1e6) / 3)))).toBe(true)
  })

  it.each([
    ['semicolons and decimal commas', 't;a;b\n0;1,5;-2,25e1\n', { decimal: ',' }],
    ['tabs', 't\ta\tb\r\n0\t1.5\t-22.5\r\n', {}],
    ['commas and decimal commas in quotes', '"t","a","b"\n"0","1,5","-22,5"\n', { decimal: ',' }],
    ['pipes', 't|a|b\n0|1.5|-22.5', { delimiter: '|' }],
    ['other headings', 'Zeit;Kraft [kN];b;t\n9;1.5;-22.5;0\n', { columns: { a: 'Kraft [kN]' } }],
    ['no headings', '0,1.5,-22.5\n', { header: ['t', 'a', 'b'] }],
    ['a comma in a quoted heading', '"t","x;,;,;",a,b\n0,z,1.5,-22.5\n', {}],
    ['a byte order mark', '\uFEFFt,a,b\n0,1.5,-22.5\n', {}]
  ] as const)('reads %s', async (_name, text, options) => {
    expect(await valuesOf(replay(fileOf(text), { channels, time, ...options }))).toEqual([[1.5, -22.5]])
  })

  it.each([
    ['latin1', Buffer.from('t;°C;µ\n0;1,5;2\n', 'latin1'), 'latin1'],
    ['UTF-16 with a mark', Buffer.from('\uFEFFt;°C;µ\n0;1,5;2\n', 'utf16le'), undefined],
    ['UTF-16 without a mark', Buffer.from('t;°C;µ\n0;1,5;2\n', 'utf16le'), 'utf-16le'],
    ['UTF-8', Buffer.from('t;°C;µ\n0;1,5;2\n'), undefined]
  ] as const)('reads %s, plain and packed', async (_name, bytes, encoding) => {
    for (const ending of ['.csv', '.csv.gz', '.dat.gz']) {
      const source = replay(fileOf(bytes, ending), {
        channels: { '°C': 'Cel', µ: '1' },
        time,
        decimal: ',',
        ...(encoding && { encoding })
      })
      expect(await valuesOf(source)).toEqual([[1.5, 2]])
    }
  })

  it('keeps labels as flags that no detector sees', async () => {
    const path = fileOf('a,label,anomaly\n1,0,False\n2,1,TRUE\n')
    const source = replay(path, { channels: { a: 'V' }, labels: ['label', 'anomaly'], rate: 1 })
    const block = (await batchesOf(source))[0]!.blocks[0]!
    expect(column(block, 'label')).toEqual(Float64Array.of(0, 1))
    expect(column(block, 'anomaly')).toEqual(Float64Array.of(0, 1))
    expect(block.stream.channels.map(({ role }) => role)).toEqual([undefined, 'flag', 'flag'])
  })

  it('tells missing from bad, and neither is a bad line', async () => {
    const source = replay(fileOf('t,a,b\n0,,1\n1,NaN,-inf\n2,NA,2\n3,4,5\n'), { channels, time, missing: ['NA'] })
    const scans = await readScans(source)
    const { missing, bad, good } = Quality
    expect(scans.map(({ quality }) => quality)).toEqual([
      [missing, good],
      [bad, bad],
      [missing, good],
      [good, good]
    ])
    expect(scans.map(({ values }) => values)).toEqual([
      [Number.NaN, 1],
      [Number.NaN, Number.NaN],
      [Number.NaN, 2],
      [4, 5]
    ])
    expect(source.counts).toEqual({ lines: 4, rejected: 0, late: 0 })
  })

  it('keeps ns over years in one block', async () => {
    const path = fileOf('t,a\n2020-01-01T00:00:00.000000001Z,1\n2025-01-01T00:00:00.000000002Z,2\n')
    const scans = await readScans(replay(path, { channels: { a: 'V' }, time: { column: 't', unit: 'iso' } }))
    expect(scans.map(({ ns }) => ns)).toEqual([1_577_836_800_000_000_001n, 1_735_689_600_000_000_002n])
  })

  it('ends at once for a file with headings only', async () => {
    expect(await batchesOf(replay(fileOf('t,a,b\n'), { channels, time }))).toEqual([])
  })
})

it('knows the names of its channels', async () => {
  const source = replay(fileOf('a,b,label\n1,2,0\n'), { channels, labels: ['label'], rate: 1 })
  const read = (typed: Source<'a' | 'b' | 'label'>) => batchesOf(typed)
  // @ts-expect-error: the file has no channel of that name
  const wrong = (typed: Source<'force'>): Source<'a' | 'b' | 'label'> => typed
  expect(wrong).toBeTypeOf('function')
  const [batch] = await read(source)
  for await (const { blocks } of source.read({ signal: AbortSignal.timeout(5000), from: {}, splits: {} as never })) {
    expect(column(blocks[0]!, 'label')).toEqual(Float64Array.of(0))
    // @ts-expect-error: the file has no channel of that name
    expect(() => column(blocks[0]!, 'force')).toThrow('it has: a, b, label')
  }
  expect(batch!.position).toBe(0)
})

describe('replay: bad lines', () => {
  const text = 't,a,b\n0,1,1\n1,x,2\n2,3\n3,4,4\n"4"y,5,5\n,6,6\n6,7,7\n'

  it('costs one line each, reported with file, line, column and value, declared by a gap', async () => {
    const errors: DecodeError[] = []
    const path = fileOf(text)
    const source = replay(path, { channels, time, onBadLine: (error) => errors.push(error) })
    const scans = await readScans(source)
    expect(scans.map(({ position, gap }) => [position, gap])).toEqual([
      [0, undefined],
      [3, { scans: 2, cause: 'rejected' }],
      [6, { scans: 2, cause: 'rejected' }]
    ])
    expect(errors.map(({ message }) => message)).toEqual([
      `${path}, line 3: 'x' is not a number in column 'a'`,
      `${path}, line 4: 2 cells where the header has 3`,
      `${path}, line 6: text behind the closing quote of field 1`,
      `${path}, line 7: '' is not a time in s in column 't'`
    ])
    expect(source.counts).toEqual({ lines: 7, rejected: 4, late: 0 })
  })

  it('leaves a hole in the grid of a rate', async () => {
    const scans = await readScans(replay(fileOf('a\n1\nx\n3\n'), { channels: { a: 'V' }, rate: 10 }))
    expect(scans.map(({ ns, gap }) => [ns, gap])).toEqual([
      [0n, undefined],
      [200_000_000n, { scans: 1, cause: 'rejected' }]
    ])
  })

  it('leaves out lines whose time goes back, and keeps equal times', async () => {
    const errors: string[] = []
    const source = replay(fileOf('t,a\n1,1\n2,2\n1.5,3\n2,4\n3,5\n'), {
      channels: { a: 'V' },
      time,
      onBadLine: ({ message }) => errors.push(message)
    })
    const scans = await readScans(source)
    expect(scans.map(({ values, gap }) => [values[0], gap])).toEqual([
      [1, undefined],
      [2, undefined],
      [4, { scans: 1, cause: 'late' }],
      [5, undefined]
    ])
    expect(source.counts).toEqual({ lines: 5, rejected: 0, late: 1 })
    expect(errors[0]).toMatch(/line 4: the time goes back/)
  })

  it('tells of bad lines at the end in a notice', async () => {
    const batches = await batchesOf(replay(fileOf('t,a\n1,1\n2,x\n3,\n,'), { channels: { a: 'V' }, time, stream: 's' }))
    const last = batches.at(-1)!
    expect(last.blocks).toEqual([])
    expect(batches.map(({ position }) => position)).toEqual([3, 4])
    expect(last.events).toMatchObject([
      { kind: 'notice', rule: 'gap', stream: 's', start: 3000, data: { scans: 1, cause: 'rejected' } }
    ])
  })

  it('fails when there are more than maxBadLines, after what was good', async () => {
    const source = replay(fileOf(text), { channels, time, maxBadLines: 2 })
    const read: number[] = []
    const reading = (async () => {
      const options = { signal: new AbortController().signal, from: {}, splits: {} as never }
      for await (const { blocks } of source.read(options)) read.push(...blocks.map(({ length }) => length))
    })()
    await expect(reading).rejects.toThrow(/line 6: text behind.*; more than 2 bad lines/)
    expect(read).toEqual([1, 1])
  })

  it('fails when nothing can be read, with the first reason', async () => {
    const source = replay(fileOf('t;a\n0;1,5\n1;2,5\n'), { channels: { a: 'V' }, time })
    await expect(batchesOf(source)).rejects.toThrow(
      /none of its 2 lines can be read; the first: .*line 2: '1,5' is not a number/
    )
  })

  it('hints at groups for labels in words', async () => {
    const source = replay(fileOf('a,phase\n1,A\n'), { channels: { a: 'V' }, labels: ['phase'], rate: 1 })
    await expect(batchesOf(source)).rejects.toThrow(
      "'A' is not a number in column 'phase' (text can be a group, not a label)"
    )
  })
})

describe('replay: pacing', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `${i / 10},${i}`).join('\n')

  async function arrivals(
    pacing: { speed: number } | { rate: number },
    from?: number
  ): Promise<[ms: number, scans: number][]> {
    const scheduler = new VirtualTime()
    const source = replay(fileOf(`t,a\n${lines}`), { channels: { a: 'V' }, time, pacing, scheduler })
    const seen: [number, number][] = []
    const reading = (async () => {
      const options = {
        signal: new AbortController().signal,
        from: from === undefined ? {} : { [source.id]: from },
        splits: {} as never
      }
      for await (const { blocks } of source.read(options))
        seen.push([Math.round(scheduler.elapsed()), blocks[0]!.length])
    })()
    let ended = false
    const end = reading.finally(() => {
      ended = true
    })
    // the file is read in real time, so virtual time only passes while it is waited for
    while (!ended) await (scheduler.pending > 0 ? scheduler.advance(1) : scheduler.macrotask())
    await end
    return seen
  }

  it('hands each scan over when it is due, as recorded', async () => {
    const seen = await arrivals({ speed: 2 })
    expect(seen).toHaveLength(100)
    expect(seen.slice(0, 3)).toEqual([
      [0, 1],
      [50, 1],
      [100, 1]
    ])
    expect(seen.at(-1)).toEqual([4950, 1])
  })

  it('hands fast scans over together, 20 ms at most', async () => {
    const seen = await arrivals({ rate: 1000 })
    expect(seen).toEqual([
      [19, 20],
      [39, 20],
      [59, 20],
      [79, 20],
      [99, 20]
    ])
  })

  it('starts at once where it goes on', async () => {
    const seen = await arrivals({ speed: 1 }, 97)
    expect(seen).toEqual([
      [0, 1],
      [100, 1]
    ])
  })

  it('stops waiting when it is stopped', async () => {
    const scheduler = new VirtualTime()
    const stop = new AbortController()
    const source = replay(fileOf('t,a\n0,1\n1000,2\n'), { channels: { a: 'V' }, time, pacing: { speed: 1 }, scheduler })
    const reading = batchesOf(source, undefined, stop.signal)
    while (scheduler.pending === 0) await scheduler.macrotask()
    stop.abort()
    expect(await reading).toHaveLength(1)
    expect(scheduler.pending).toBe(0)
  })
})
