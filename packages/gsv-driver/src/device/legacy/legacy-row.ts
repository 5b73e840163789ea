import type { LegacyModel } from '../../codec/index.ts'
import { type GsvCommand, legacyCommands } from '../../commands/index.ts'

/**
 * The command of a model with a name.
 *
 * @throws RangeError when the model does not have it, or nobody knows what goes with it
 *
 * @internal
 */
export function legacyRow(model: LegacyModel, name: string, url: string): GsvCommand {
  const rows: readonly GsvCommand[] = legacyCommands[model]
  const command = rows.find((row) => row.name === name)
  if (!command) throw new RangeError(`${url}: a ${model} has no command '${name}'`)
  if ([...command.request, ...command.response].some(({ type }) => type === 'bytes')) {
    throw new RangeError(`${url}: ${name} is not sent: nobody knows its parameters or its answer`)
  }
  return command
}
