import type { LegacyGsvDevice } from '../device/legacy/legacy-probe.ts'
import type { GsvDevice } from '../device/probe.ts'
import { deviceOptions, LINK_HELP, LINK_OPTIONS } from './device-options.ts'
import { parseCommand } from './parse-command.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { table, valueText } from './text.ts'

const HELP = `usage: gsv-driver info <device> [options]

Says what a device is and how it is set. Stops its transmission, and writes nothing.

  --json                 as one JSON document
${LINK_HELP}`

/** What a device says of itself. @internal */
export const info: Command = { summary: 'what a device is and how it is set', help: HELP, run }

async function run({ args, out, openers }: Surroundings): Promise<number> {
  const given = parseCommand('info', args, { ...LINK_OPTIONS, json: { type: 'boolean' } }, ['<device>'])
  const gsv = await openers.openGsv(deviceOptions(given))
  const { url, device } = gsv
  await gsv.close()
  if (given.flag('json')) out(JSON.stringify({ url, ...device }, null, 2))
  else for (const line of linesOf(device)) out(line)
  return 0
}

/** Name of a device in one line. @internal */
export function deviceText({ model, serial, firmware }: GsvDevice | LegacyGsvDevice): string {
  const name = serial === undefined ? model : `${model} ${serial}`
  return firmware === undefined ? name : `${name}, firmware ${firmware}`
}

function linesOf(device: GsvDevice | LegacyGsvDevice): string[] {
  const { channels } = device
  const rows = channels.map(({ number: n, name, unit, scale, offset, range }) => [
    String(n),
    name,
    unit,
    range ? `${valueText(range[0])} .. ${valueText(range[1])}` : '',
    valueText(scale),
    valueText(offset)
  ])
  return [
    deviceText(device),
    ...('interface' in device ? framedLines(device) : legacyLines(device)),
    ...table([['', 'name', 'unit', 'range', 'scale', 'offset'], ...rows])
  ]
}

function framedLines({ rate, layout, interface: used, variant }: GsvDevice): string[] {
  const { number, kind = 'of unknown kind', locked } = used
  return [
    ...(variant ? [`variant    ${variant}`] : []),
    `rate       ${valueText(rate)} Hz, ${layout.dataType}, ${layout.objects} values in a frame${layout.crc ? ', CRC-16' : ''}`,
    `interface  ${number}, ${kind}${locked ? ', locked: it refuses to be written to' : ''}`
  ]
}

function legacyLines({ rate, layout, channels }: LegacyGsvDevice): string[] {
  const frames = layout.frames ? `, ${layout.frames} frames` : ''
  return [
    `rate       ${valueText(rate)} Hz, ${channels.length} ${channels.length === 1 ? 'value' : 'values'} in a frame${frames}`
  ]
}
