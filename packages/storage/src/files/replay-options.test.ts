import { describe, expect, it } from 'vitest'
import { replay } from './replay.ts'

const good = { channels: { a: 'V' }, rate: 1 }

describe('replay: wrong options', () => {
  it.each<[string, object, ErrorConstructor, string]>([
    [
      'no channels',
      { channels: {} },
      TypeError,
      "replay: channels must be units by channel such as { force: 'kN' }, got {}"
    ],
    ['a list of channels', { channels: ['a'] }, TypeError, 'replay: channels must be units by channel'],
    ['a channel without unit', { channels: { a: '' } }, TypeError, "'a' needs a unit"],
    [
      'a label that is a channel',
      { labels: ['a'] },
      RangeError,
      'replay: labels must be columns that are not channels too, got ["a"]'
    ],
    [
      'a heading for no channel',
      { columns: { b: 'B' } },
      RangeError,
      'replay: columns must be headings by channel (there are: a)'
    ],
    [
      'neither time nor rate',
      { rate: undefined },
      RangeError,
      'give either time (a column with the time) or rate (scans per second), got neither'
    ],
    ['time and rate', { time: { column: 't', unit: 's' } }, RangeError, 'got both'],
    ['a rate of 0', { rate: 0 }, RangeError, 'replay: rate must be scans per second (Hz) above 0, got 0'],
    [
      'a start for a time column',
      { rate: undefined, start: 5, time: { column: 't', unit: 's' } },
      RangeError,
      'start goes with rate'
    ],
    ['a start that is no date', { start: new Date('x') }, RangeError, 'replay: start must be a date'],
    [
      'an unknown unit',
      { rate: undefined, time: { column: 't', unit: 'min' } },
      RangeError,
      "replay: time.unit must be 's', 'ms', 'us', 'ns' or 'iso', got 'min'"
    ],
    [
      'a start for ISO times',
      { rate: undefined, time: { column: 't', unit: 'iso', start: 0 } },
      RangeError,
      'time.start'
    ],
    ['an unknown delimiter', { delimiter: '::' }, RangeError, 'replay: delimiter'],
    ['an unknown decimal sign', { decimal: ';' }, RangeError, 'replay: decimal'],
    ['an unknown encoding', { encoding: 'ebcdic' }, RangeError, 'replay: encoding'],
    ['an empty header', { header: [] }, TypeError, 'replay: header'],
    [
      'a group as something else',
      { group: { column: 'g', as: 'files' } },
      RangeError,
      "replay: group.as must be 'streams' or 'gaps', got 'files'"
    ],
    [
      'a group twice in the order',
      { group: { column: 'g', as: 'gaps', order: ['x', 'x'] } },
      RangeError,
      'replay: group.order'
    ],
    ['a pause without unit', { group: { column: 'g', as: 'gaps', pause: 5 } }, RangeError, 'replay: group.pause'],
    ['a pacing of 0', { pacing: { speed: 0 } }, RangeError, 'replay: pacing'],
    ['an unknown pacing', { pacing: 'slow' }, RangeError, 'replay: pacing'],
    [
      'a block of half a scan',
      { blockScans: 0.5 },
      RangeError,
      'replay: blockScans must be a whole number of scans above 0, got 0.5'
    ],
    ['fewer than no bad lines', { maxBadLines: -1 }, RangeError, 'replay: maxBadLines']
  ])('refuses %s at once', (_name, options, kind, message) => {
    const call = (): unknown => replay('file.csv', { ...good, ...options } as typeof good)
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
  })

  it('refuses an empty path', () => {
    expect(() => replay('', good)).toThrow("replay: path must be the path of a file, got ''")
  })
})
