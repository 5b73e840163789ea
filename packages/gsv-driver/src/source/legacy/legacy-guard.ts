import { InUseError } from '@messwerk/core/model'

/** What neither changes the meaning of frames nor asks. */
const ALLOWED: ReadonlySet<string> = new Set([
  'SetZero',
  'SetThreshold',
  'Switch',
  'ResetStatus',
  'ClearMaximum',
  'UnlockConfiguration',
  'StartTransmission',
  'StopTransmission'
])

/**
 * What must not be sent to a GSV-2, GSV-3 or GSV-4 while a source reads it: what asks, and what would make the description
 * of its stream wrong.
 *
 * @returns what throws InUseError for these
 *
 * @internal
 */
export function legacyGuard(url: string): (name: string) => void {
  return (name) => {
    if (ALLOWED.has(name)) return
    throw new InUseError(
      url,
      `${name} asks the device or changes what measured frames mean, and a source is reading them; end the reading, use openGsv, then read again`,
      { retryable: false }
    )
  }
}
