import { TextDecoder } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordReader } from './record-reader.ts'

interface Seen {
  line: number
  cells: string[]
  broken: string | undefined
}

/** Every record of a text that arrives in pieces of the given lengths; a broken one gives up its first line. */
function records(text: string, pieces: readonly number[] = []): Seen[] {
  const bytes = Buffer.from(text)
  const reader = new RecordReader(','.charCodeAt(0))
  const decoder = new TextDecoder()
  const seen: Seen[] = []
  let at = 0
  let piece = 0
  for (;;) {
    const state = reader.next()
    if (state === 'end') return seen
    if (state === 'record') {
      const cells = Array.from({ length: reader.fields }, (_, i) => reader.text(i, decoder))
      seen.push({ line: reader.line, cells, broken: reader.broken })
      if (reader.broken && reader.lines > 1) reader.giveUp()
    } else if (at >= bytes.length) reader.finish()
    else {
      const size = pieces[piece++] ?? bytes.length
      reader.feed(bytes.subarray(at, at + size))
      at += size
    }
  }
}
const cells = (text: string): string[][] => records(text).map((record) => record.cells)

describe('RecordReader', () => {
  it.each<[string, string[][]]>([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    [
      'a,b\r\n1,2\r',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    ['\n\r\na\n\n\nb\r\n\r\n', [['a'], ['b']]],
    [
      ',\n,,',
      [
        ['', ''],
        ['', '', '']
      ]
    ],
    ['"a","b ""c"""\n', [['a', 'b "c"']]],
    ['"a\nb",c\r\n', [['a\nb', 'c']]],
    ['"a",""\r\n"x"', [['a', ''], ['x']]],
    ['a"b,c', [['a"b', 'c']]],
    ['', []]
  ])('reads %j', (text, expected) => {
    expect(cells(text)).toEqual(expected)
  })

  it('counts lines through quotes and empty lines', () => {
    expect(records('a\n\n"b\nc"\nd').map(({ line }) => line)).toEqual([1, 3, 5])
  })

  it('gives up one line only for a quote that is never closed', () => {
    const seen = records('a\n"b\nc\nd\n')
    expect(seen.map(({ cells: [cell], broken }) => (broken ? 'broken' : cell))).toEqual(['a', 'broken', 'c', 'd'])
    expect(seen[1]?.broken).toBe('a quote is not closed')
  })

  it('gives up one line only for text behind a closing quote', () => {
    expect(records('"a"x,1\nb,2').map(({ broken }) => broken)).toEqual([
      'text behind the closing quote of field 1',
      undefined
    ])
  })

  it('gives up a line that is longer than a MiB, and goes on behind it', () => {
    const seen = records(`a\n${'x'.repeat(3 << 20)}\nb\n`, new Array(200).fill(50_000))
    expect(seen.map(({ line, broken }) => [line, broken !== undefined])).toEqual([
      [1, false],
      [2, true],
      [3, false]
    ])
  })

  it('goes on after a lone quote far before the next one', () => {
    const seen = records(`"a\n${'b\n'.repeat(700_000)}`, new Array(30).fill(100_000))
    expect(seen).toHaveLength(700_001)
    expect(seen.filter(({ broken }) => broken)).toHaveLength(1)
  })

  it('reads any table however its bytes are cut', () => {
    const cell = fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '1', 'é'), maxLength: 4 })
      .map((text) => text.trim())
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (rows, end, pieces) => {
          const text =
            rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join(end) + end
          expect(records(text, pieces.concat(new Array(200).fill(3))).map((record) => record.cells)).toEqual(rows)
        }
      )
    )
  })

  it('reads any bytes at all, the same however they are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 40 })
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (bytes, pieces) => {
        expect(records(bytes, pieces.concat(new Array(50).fill(1)))).toEqual(records(bytes))
      }),
      { numRuns: 1000 }
    )
  })
})
