import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** What was given to a command. @internal */
export interface Given {
  readonly operands: readonly string[]
  readonly text: (name: string) => string | undefined
  readonly flag: (name: string) => boolean
  /** A number of at least `least`. */
  readonly number: (name: string, least: number, isWhole?: boolean) => number | undefined
}

/**
 * Reads the arguments of a command.
 *
 * @throws UsageError for unknown options, missing and superfluous operands
 *
 * @internal
 */
export function parseCommand(
  command: string,
  args: readonly string[],
  options: Options,
  operands: readonly string[]
): Given {
  const { values, positionals } = split(command, args, options)
  const missing = operands[positionals.length]
  if (missing !== undefined && !/(\?|\.\.\.)$/.test(missing)) throw wrong(command, `${missing} is missing`)
  const superfluous = operands.at(-1)?.endsWith('...') ? undefined : positionals[operands.length]
  if (superfluous !== undefined) throw wrong(command, `'${superfluous}' is too much`)
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    operands: positionals,
    text,
    flag: (name) => values[name] === true,
    number: (name, least, isWhole = false) => numberOf(name, text(name), least, isWhole)
  }
}

function split(command: string, args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw wrong(command, (error as Error).message.split(/\.\s|\n/, 1)[0] as string)
  }
}

function wrong(command: string, why: string): UsageError {
  return new UsageError(`${command}: ${why}; see gsv-driver ${command} --help`)
}

function numberOf(name: string, text: string | undefined, least: number, isWhole: boolean): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && value >= least && Number.isFinite(value) && (!isWhole || Number.isInteger(value))) {
    return value
  }
  throw new UsageError(`--${name} must be a ${isWhole ? 'whole ' : ''}number of at least ${least}, got '${text}'`)
}
