import { type FileHandle, open } from 'node:fs/promises'
import {
  type Block,
  type Gap,
  type MeasurementEvent,
  Quality,
  type Sink,
  StorageError,
  timeNs
} from '@messwerk/core/model'
import { isBlock } from './block-or-event.ts'
import { gapOfNotice, timeText, withUnit } from './text.ts'

const QUALITIES = Object.fromEntries(Object.entries(Quality).map(([name, value]) => [value, name]))

/**
 * A table of scans: `time`, a column for each channel with its unit, `quality` where it is not good, `gap_scans` and
 * `gap_cause` for what is missing before the row. What is missing at the end is a last row without values.
 *
 * @internal
 */
export function csvSink(path: string): Sink<Block | MeasurementEvent> {
  let file: FileHandle | undefined
  let columns = 0
  return {
    id: `csv ${path}`,
    async write(items) {
      let text = ''
      for (const item of items) {
        if (isBlock(item) && columns === 0) {
          columns = item.stream.channels.length
          text += headOf(item)
        }
        text += isBlock(item) ? rowsOf(item) : noticeRow(item, columns)
      }
      try {
        file ??= await open(path, 'a')
        await file.appendFile(text)
      } catch (cause) {
        throw new StorageError(path, (cause as Error).message, false, { cause })
      }
    },
    async close() {
      await file?.sync().catch(() => {})
      await file?.close()
    }
  }
}

function headOf({ stream }: Block): string {
  const names = stream.channels.map(({ name, unit }) => quoted(withUnit(name, unit)))
  return `time,${names.join(',')},quality,gap_scans,gap_cause\n`
}

function rowsOf(block: Block): string {
  const { stream, length, values, gap } = block
  const count = stream.channels.length
  let text = ''
  for (let i = 0; i < length; i += 1) {
    text += timeText(timeNs(block, i))
    for (let c = 0; c < count; c += 1) {
      const value = values[c * length + i] as number
      text += Number.isFinite(value) ? `,${value}` : ','
    }
    text += `,${qualityOf(block, i)},${i === 0 ? gapCells(gap) : ','}\n`
  }
  return text
}

function noticeRow(event: MeasurementEvent, columns: number): string {
  const gap = gapOfNotice(event)
  if (!gap) return ''
  return `${timeText(BigInt(Math.round(event.start * 1e3)) * 1000n)}${','.repeat(columns + 1)},${gapCells(gap)}\n`
}

function gapCells(gap: Gap | undefined): string {
  return gap ? `${gap.scans},${gap.cause}` : ','
}

/** One word where all channels agree, else `channel=word` of those that are not good. */
function qualityOf({ quality, stream, length }: Block, scan: number): string {
  if (!quality) return ''
  const words = stream.channels.map((_, c) => QUALITIES[quality[c * length + scan] as number] ?? '')
  if (words.every((word) => word === words[0])) return words[0] === 'good' ? '' : (words[0] ?? '')
  const named = words.flatMap((word, c) => (word === 'good' ? [] : [`${stream.channels[c]?.name}=${word}`]))
  return quoted(named.join(' '))
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
