import { InUseError } from '@messwerk/core/model'
import { bitLayouts, type CommandName, type FieldValues, writeBits } from '../commands/index.ts'
import type { GsvDevice } from '../device/probe.ts'

/** After these a frame has other values, another length, another rate or another meaning. */
const REFUSED: ReadonlySet<string> = new Set<CommandName>([
  'LoadConfig',
  'MEwriteInputRange',
  'SetFTSensorCalArrNo',
  'SetInputType',
  'SetMode',
  'SetTXMode',
  'SetTXmapping',
  'SetUnitNo',
  'SetUnitText',
  'WriteCounterFreqMode',
  'WriteDataRate',
  'WriteInterfaceSetting',
  'WriteUserOffset',
  'WriteUserScale'
])

/**
 * What a session must not send while a source reads: what would make the description of its stream wrong.
 *
 * @returns what throws InUseError for these
 *
 * @internal
 */
export function readingGuard(
  url: string,
  { model, layout }: GsvDevice
): (name: CommandName, values?: FieldValues) => void {
  // Asking for the interface with other flags changes what frames look like.
  const asked = writeBits(bitLayouts.interfaceRequest, 0, { transmission: 0, crc: layout.crc })
  return (name, values) => {
    const scalesAll = name === 'WriteAoutScale' && model === 'gsv-6'
    const reframes = name === 'GetInterface' && values?.flags !== asked
    if (!REFUSED.has(name) && !scalesAll && !reframes) return
    throw new InUseError(
      url,
      `${name} changes what measured frames mean, and a source is reading them; end the reading, change it with openGsv, then read again`,
      // it is this process that reads: waiting does not help
      { retryable: false }
    )
  }
}
