import { type Block, Quality, timeNs } from '@messwerk/core/model'
import { isBlock } from './block-or-event.ts'
import { CHANNEL_HELP, CHANNEL_OPTIONS, LINK_HELP, LINK_OPTIONS, sourceOptions } from './device-options.ts'
import { limited } from './limited.ts'
import { parseCommand } from './parse-command.ts'
import { readings } from './readings.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { aligned, gapText, timeText, valueText, withUnit } from './text.ts'

const SCANS = 10
const TIME_WIDTH = 27
const LEAST_WIDTH = 10

const HELP = `usage: gsv-driver read <device> [options]

Prints scans as a table: time (UTC), values in the units of the device, ? behind one that is not good. Gaps are lines.

  --scans <n>            how many; default ${SCANS}
${CHANNEL_HELP}
  --json                 a line of JSON a scan
${LINK_HELP}`

/** Some scans as a table. @internal */
export const read: Command = { summary: 'some scans as a table', help: HELP, run }

async function run(around: Surroundings): Promise<number> {
  const { args, out } = around
  const options = { ...LINK_OPTIONS, ...CHANNEL_OPTIONS, scans: { type: 'string' }, json: { type: 'boolean' } } as const
  const given = parseCommand('read', args, options, ['<device>'])
  const scans = given.number('scans', 1, true) ?? SCANS
  const asJson = given.flag('json')
  let widths: number[] | undefined
  for await (const item of limited(readings(around, sourceOptions(given)), { scans })) {
    if (!isBlock(item)) continue
    if (item.gap) out(asJson ? JSON.stringify({ gap: item.gap }) : gapText(item.gap))
    if (!widths && !asJson) {
      const names = item.stream.channels.map(({ name, unit }) => withUnit(name, unit))
      widths = [TIME_WIDTH, ...names.map((name) => Math.max(name.length, LEAST_WIDTH))]
      out(['time'.padEnd(TIME_WIDTH), ...names.map((name, c) => name.padStart(widths?.[c + 1] ?? 0))].join('  '))
    }
    for (let i = 0; i < item.length; i += 1) out(asJson ? jsonOf(item, i) : aligned(rowOf(item, i), widths ?? []))
  }
  return 0
}

function rowOf(block: Block, scan: number): string[] {
  const { length, values, quality, stream } = block
  const cells = stream.channels.map((_, c) => {
    const at = c * length + scan
    return valueText(values[at] as number) + (quality && quality[at] !== Quality.good ? '?' : '')
  })
  return [timeText(timeNs(block, scan)), ...cells]
}

function jsonOf(block: Block, scan: number): string {
  const { length, values, stream } = block
  const cells = stream.channels.map(({ name }, c) => [name, values[c * length + scan]])
  return JSON.stringify({ time: timeText(timeNs(block, scan)), ...Object.fromEntries(cells) })
}
