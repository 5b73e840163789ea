/** Why an option cannot cross into the thread that reads, and what to do. */
const CANNOT_CROSS = {
  link: 'an open link stays in its thread; give url',
  lib: 'a library stays in its thread; there the package serialport is imported by its name',
  scheduler: 'a scheduler stays in its thread; there the clock is that of the system',
  onDevice: 'its session would be in another thread; leave reader out, or change settings with openGsv before'
} as const

/** @throws RangeError for a reader that there is not, TypeError for options that only one thread can have. @internal */
export function checkReader(
  options: { readonly reader?: string } & { readonly [N in keyof typeof CANNOT_CROSS]?: unknown }
): void {
  const { reader = 'inline' } = options
  if (reader !== 'inline' && reader !== 'worker') {
    throw new RangeError(`gsvSource: reader must be 'inline' or 'worker', got '${String(reader)}'`)
  }
  if (reader === 'inline') return
  for (const [option, why] of Object.entries(CANNOT_CROSS)) {
    if (options[option as keyof typeof CANNOT_CROSS] === undefined) continue
    throw new TypeError(`gsvSource: ${option} cannot be given with reader 'worker': ${why}`)
  }
}
