import { gsvSimCommand } from '../simulator/gsv-sim-command.ts'
import type { Command, Surroundings } from './surroundings.ts'

/** The simulator, as `messwerk-gsv-sim`. @internal */
export const simulate: Command = {
  summary: 'a simulated amplifier, as messwerk-gsv-sim',
  help: '',
  run: ({ args, out, err, input, signal }: Surroundings) =>
    gsvSimCommand(args, { print: out, warn: err, orders: input, signal })
}
