import { isSdkError } from '@messwerk/core/model'
import { config } from './config.ts'
import { info } from './info.ts'
import { monitor } from './monitor.ts'
import { read } from './read.ts'
import { record } from './record.ts'
import { scan } from './scan.ts'
import { simulate } from './simulate.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { UsageError } from './usage-error.ts'

const COMMANDS: Readonly<Record<string, Command>> = { scan, info, read, config, monitor, record, simulate }

/** Help of the program. @internal */
export const HELP = `usage: gsv-driver <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

gsv-driver <command> --help says more. A device is tcp://host:port or serial:/dev/ttyACM0, COM3.
Exit codes: 0 it went well, 1 a device, link or file failed, 2 the command line is wrong.`

/**
 * The program `gsv-driver`: returns its exit code.
 *
 * @internal
 */
export async function gsvDriverCommand(around: Surroundings): Promise<number> {
  const [name = '', ...args] = around.args
  try {
    if (['--help', '-h', 'help'].includes(name)) {
      around.out(HELP)
      return 0
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!command) {
      const names = Object.keys(COMMANDS).join(', ')
      throw new UsageError(`${name ? `there is no command '${name}'` : 'a command is missing'}; it is one of ${names}`)
    }
    if (command.help !== '' && args.some((argument) => argument === '--help' || argument === '-h')) {
      around.out(command.help)
      return 0
    }
    return await command.run({ ...around, args })
  } catch (error) {
    around.err(`gsv-driver: ${oneLine(error)}`)
    return isUsage(error) ? 2 : 1
  }
}

/** Wrong options are TypeErrors and RangeErrors of what they were given to. */
function isUsage(error: unknown): boolean {
  return (
    !isSdkError(error) && (error instanceof UsageError || error instanceof TypeError || error instanceof RangeError)
  )
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ')
}
