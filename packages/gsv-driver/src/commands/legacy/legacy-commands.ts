import { gsv2Commands } from './gsv2-commands.ts'
import { gsv3Commands } from './gsv3-commands.ts'
import { gsv4Commands } from './gsv4-commands.ts'

/**
 * The commands of the models with a protocol of their own, in the order of their codes. Commands without a note are
 * from the manuals or from programs of the manufacturer; rows with `unverified` are inferred.
 *
 * @example
 * ```ts
 * import { legacyCommands } from '@messwerk/gsv-driver/commands'
 *
 * legacyCommands['gsv-4'].find(({ code }) => code === 0x1f)?.name // => 'GetSerialNumber'
 * ```
 */
export const legacyCommands = {
  'gsv-2': gsv2Commands,
  'gsv-3': gsv3Commands,
  'gsv-4': gsv4Commands
} as const
