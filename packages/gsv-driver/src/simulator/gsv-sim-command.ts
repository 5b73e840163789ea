import { parseArgs } from 'node:util'
import { isSdkError } from '@messwerk/core/model'
import { control, obey, serveControl } from './control.ts'
import { simulateGsv } from './simulate-gsv.ts'
import type { SimulateGsvOptions } from './simulated-gsv.ts'

const USAGE = `usage: messwerk-gsv-sim [options]

  --model <name>            gsv-8 (default), gsv-6, gsv-4, gsv-3, gsv-2
  --rate <Hz>               scans a second
  --data-type <type>        float32 (default), int24, int16
  --counter-channel <n>     channel that carries the number of the scan
  --serial <number>         serial number
  --firmware <version>      for example 1.62
  --seed <number>           of the noise
  --crystal <ppm>           how much faster its clock is than it says
  --when-started            sends nothing until a host starts the transmission

  --tcp <host:port>         serves over TCP; port 0 is a free one. Default: 127.0.0.1:0 without --pty
  --pty <path>              serves on a pseudo terminal of this path (needs socat)
  --control <host:port>     takes orders over TCP; they are always taken from standard input
  --help

An order is a line of JSON, its answer too: {"do":"stall","ms":500}
  status, log, labels, inject, loseFrames, corruptFrames, disturb, stall, unplug, plug, powerCycle, occupy, setLine`

const OPTIONS = {
  model: { type: 'string' },
  rate: { type: 'string' },
  'data-type': { type: 'string' },
  'counter-channel': { type: 'string' },
  serial: { type: 'string' },
  firmware: { type: 'string' },
  seed: { type: 'string' },
  crystal: { type: 'string' },
  'when-started': { type: 'boolean' },
  tcp: { type: 'string' },
  pty: { type: 'string' },
  control: { type: 'string' },
  help: { type: 'boolean' }
} as const

/** What the program needs of its surroundings. @internal */
export interface Surroundings {
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
  /** Orders; their end does not end the program. */
  readonly orders: AsyncIterable<string>
  /** Ends the program. */
  readonly signal: AbortSignal
}

/** The command `messwerk-gsv-sim`: returns its exit code. @internal */
export async function gsvSimCommand(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    if (values.help) {
      around.print(USAGE)
      return 0
    }
    return await serve(values, around)
  } catch (error) {
    const isUsage = !isSdkError(error) && (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
    around.warn(isUsage ? `${(error as Error).message}\n\n${USAGE}` : (error as Error).message)
    return 2
  }
}

type Values = { readonly [N in keyof typeof OPTIONS]?: string | boolean }

async function serve(values: Values, { print, orders, signal }: Surroundings): Promise<number> {
  const options = optionsOf(values)
  const amplifier = simulateGsv(options)
  const closing = [() => amplifier.close()]
  try {
    const { model = 'gsv-8', counterChannel } = options
    print(
      `messwerk-gsv-sim: ${model}${counterChannel === undefined ? '' : `, channel ${counterChannel} is the number of the scan`}`
    )
    if (typeof values.pty === 'string') print(await amplifier.openPty({ path: values.pty }))
    if (typeof values.tcp === 'string' || values.pty === undefined)
      print(await amplifier.listen(address('tcp', values.tcp ?? '127.0.0.1:0')))
    if (values.control !== undefined) {
      const { host, port } = address('control', values.control)
      const served = await serveControl(amplifier, host, port)
      closing.push(served.close)
      print(`control ${served.url}`)
    }
    void obey(amplifier, orders, print)
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    print(await control(amplifier, '{"do":"status"}'))
    return 0
  } finally {
    for (const close of closing) await close()
  }
}

function optionsOf(values: Values): SimulateGsvOptions {
  const number = (name: keyof Values): number | undefined => {
    const text = values[name]
    if (typeof text !== 'string') return undefined
    const value = Number(text)
    if (text.trim() === '' || Number.isNaN(value)) throw new RangeError(`--${name} must be a number, got '${text}'`)
    return value
  }
  const given = {
    model: values.model,
    rate: number('rate'),
    dataType: values['data-type'],
    counterChannel: number('counter-channel'),
    serial: number('serial'),
    firmware: values.firmware,
    seed: number('seed'),
    crystal: number('crystal'),
    streaming: values['when-started'] !== true,
    freeRunning: true
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SimulateGsvOptions
}

function address(option: string, text: string | boolean): { host: string; port: number } {
  const found = /^(?:(.+):)?(\d+)$/.exec(String(text))
  if (!found || Number(found[2]) > 65_535) throw new RangeError(`--${option} must be host:port, got '${String(text)}'`)
  return { host: found[1] ?? '127.0.0.1', port: Number(found[2]) }
}
