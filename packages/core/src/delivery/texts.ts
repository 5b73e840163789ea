/** What an error says. @internal */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** A wait, for people. @internal */
export function spanText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`
}
