/** A command line that is wrong: what was seen and what to write instead, in one line. @internal */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
