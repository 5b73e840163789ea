import { isSdkError } from '@messwerk/core/model'
import { deviceOptions, LINK_HELP, LINK_OPTIONS } from './device-options.ts'
import { deviceText } from './info.ts'
import { type Given, parseCommand } from './parse-command.ts'
import type { Command, Surroundings } from './surroundings.ts'

const HELP = `usage: gsv-driver scan [<device> ...] [options]

Without a device: lists the serial ports that may be an amplifier, and opens none of them.
With devices: asks each what it is; stops its transmission, and writes nothing. Exit code 1 when one does not answer.

  --json                 a line of JSON for each
${LINK_HELP}`

/** Ports, and what answers there. @internal */
export const scan: Command = {
  summary: 'serial ports that may be an amplifier; what answers at given devices',
  help: HELP,
  run
}

async function run(around: Surroundings): Promise<number> {
  const options = { ...LINK_OPTIONS, json: { type: 'boolean' } } as const
  const given = parseCommand('scan', around.args, options, ['<device>...'])
  if (given.operands.length === 0) return list(around, given.flag('json'))
  let code = 0
  const opened = given.operands.map((address) => deviceOptions(given, address))
  for (const link of opened) {
    if (around.signal.aborted) break
    if (!(await probed(around, given, link))) code = 1
  }
  return code
}

async function list({ out, err, openers }: Surroundings, asJson: boolean): Promise<number> {
  const ports = await openers.ports()
  for (const { path, device } of ports) {
    const url = `serial:${path}`
    out(asJson ? JSON.stringify({ url, device }) : device === undefined ? url : `${url}  (${device})`)
  }
  if (ports.length === 0) {
    err('no USB serial ports found; on Windows look for COM ports in the device manager, then: gsv-driver info COM3')
  } else if (!asJson) err(`ask what it is: gsv-driver info serial:${ports[0]?.path}`)
  return 0
}

async function probed({ out, openers }: Surroundings, given: Given, link: ReturnType<typeof deviceOptions>) {
  const { url } = link
  const asJson = given.flag('json')
  try {
    const gsv = await openers.openGsv(link)
    await gsv.close()
    const { model, serial, firmware, rate } = gsv.device
    out(asJson ? JSON.stringify({ url, model, serial, firmware, rate }) : `${url}  ${deviceText(gsv.device)}`)
    return true
  } catch (error) {
    if (!isSdkError(error)) throw error
    out(asJson ? JSON.stringify({ url, error: error.message, code: error.code }) : `${url}  ${error.message}`)
    return false
  }
}
