import { Quality } from '@messwerk/core/model'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fileOf, readScans, type SeenScan } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const cell = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 1000),
  fc.constant(undefined)
)
const anyRow = fc.record({
  a: cell,
  b: cell,
  label: fc.nat(3),
  group: fc.constantFrom('x', 'y "z"', 'é;,\n'),
  step: fc.integer({ min: 0, max: 5_000_000 }),
  bad: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0)
})
// a bad line that spans several costs each of them, so what is bad stands on one line here
const row = anyRow.map((one) => (one.group.includes('\n') ? { ...one, bad: false } : one))
const table = fc.array(row, { maxLength: 40 })
const form = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|') as fc.Arbitrary<',' | ';' | '\t' | '|'>,
  decimal: fc.constantFrom('.', ',') as fc.Arbitrary<'.' | ','>,
  encoding: fc.constantFrom('utf-8', 'latin1', 'utf-16le') as fc.Arbitrary<'utf-8' | 'latin1' | 'utf-16le'>,
  mark: fc.boolean(),
  packed: fc.boolean(),
  quotes: fc.boolean(),
  end: fc.constantFrom('\n', '\r\n', '\n\n'),
  lastEnd: fc.boolean(),
  unit: fc.constantFrom('s', 'ms', 'us', 'ns', 'iso') as fc.Arbitrary<'s' | 'ms' | 'us' | 'ns' | 'iso'>,
  blockScans: fc.constantFrom(1, 3, 256) as fc.Arbitrary<number>,
  timed: fc.boolean(),
  as: fc.constantFrom('streams', 'gaps', undefined) as fc.Arbitrary<'streams' | 'gaps' | undefined>,
  ordered: fc.boolean()
})
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never
type Form = typeof form extends fc.Arbitrary<infer F> ? F : never

const START = 1_700_000_000_000_000_000n

function written(rows: readonly Row[], options: Form): { path: string; times: bigint[] } {
  let now = START
  const times: bigint[] = []
  const { delimiter, decimal, quotes, end } = options
  const quote = (text: string): string =>
    quotes || /["\n\r]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text
  const number = (value: number | undefined): string =>
    quote(value === undefined ? '' : String(value).replace('.', decimal))
  const lines = rows.map(({ a, b, label, group, step, bad }) => {
    now += BigInt(step)
    times.push(now)
    return [quote(timeText(now, options)), number(a), bad ? 'oops' : number(b), quote(group), String(label)].join(
      delimiter
    )
  })
  const text = [['t', 'a', 'b', 'group', 'label'].join(delimiter), ...lines].join(end) + (options.lastEnd ? end : '')
  return { path: fileOf(encoded(text, options), options.packed ? '.csv.gz' : '.csv'), times }
}

function encoded(text: string, { encoding, mark }: Form): Buffer {
  const head = mark && encoding !== 'latin1' ? '\uFEFF' : ''
  return Buffer.from(head + text, encoding === 'utf-16le' ? 'utf16le' : encoding)
}

function timeText(ns: bigint, { unit, decimal }: Form): string {
  if (unit === 'iso')
    return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1)}${String(ns % 1_000_000n).padStart(6, '0')}Z`
  const places = { s: 9, ms: 6, us: 3, ns: 0 }[unit]
  const digits = String(ns)
  return places === 0 ? digits : `${digits.slice(0, -places)}${decimal}${digits.slice(-places)}`
}

function source(
  path: string,
  { delimiter, decimal, encoding, unit, blockScans, timed, as, ordered }: Form,
  order: string[]
) {
  return replay(path, {
    channels: { a: 'V', b: 'V' },
    labels: ['label'],
    delimiter,
    decimal,
    encoding,
    blockScans,
    stream: 's',
    ...(timed ? { time: { column: 't', unit } } : { rate: 3000 }),
    ...(as && { group: { column: 'group', as, ...(ordered && order.length > 0 && { order }) } })
  })
}

const groupsOf = (rows: readonly Row[]): string[] => [...new Set(rows.map(({ group }) => group.trim()))].reverse()
const anyGood = (rows: readonly Row[]): boolean => rows.some(({ bad }) => !bad) || rows.length === 0

it('gives back any table in any form', async () => {
  await fc.assert(
    fc.asyncProperty(table.filter(anyGood), form, async (rows, options) => {
      const { path, times } = written(rows, options)
      const scans = await readScans(source(path, { ...options, as: undefined }, []))
      const quality = (value: number | undefined): number => (value === undefined ? Quality.missing : Quality.good)
      const expected = rows.flatMap(({ a, b, label, bad }, i) =>
        bad
          ? []
          : [
              {
                values: [a ?? Number.NaN, b ?? Number.NaN, label],
                quality: [quality(a), quality(b), 0],
                position: i,
                i
              }
            ]
      )
      expect(scans.map(({ values, quality, position }) => ({ values, quality, position, i: position }))).toEqual(
        expected
      )
      const nanos = (i: number): bigint => (options.timed ? (times[i] as bigint) : BigInt(Math.round((i * 1e6) / 3)))
      expect(scans.map(({ ns }) => ns)).toEqual(expected.map(({ i }) => nanos(i)))
      const lost = scans.reduce((sum, { gap }) => sum + (gap ? (gap.scans as number) : 0), 0)
      const lastGood = rows.findLastIndex(({ bad }) => !bad)
      expect(lost).toBe(rows.slice(0, lastGood + 1).filter(({ bad }) => bad).length)
    }),
    { numRuns: 150 }
  )
})

it('goes on from any position with the same values, times and gaps, however it is cut into blocks', async () => {
  const byPosition = (scans: SeenScan[]): SeenScan[] => scans.toSorted((x, y) => x.position - y.position)
  await fc.assert(
    fc.asyncProperty(
      table.filter(anyGood),
      form,
      fc.nat(40),
      fc.constantFrom(1, 2, 256),
      async (rows, options, cut, blockScans) => {
        const { path } = written(rows, options)
        const order = groupsOf(rows)
        const whole = byPosition(await readScans(source(path, options, order)))
        const rest = byPosition(await readScans(source(path, { ...options, blockScans }, order), cut))
        expect(rest).toEqual(whole.filter(({ position }) => position > cut))
      }
    ),
    { numRuns: 150 }
  )
})
