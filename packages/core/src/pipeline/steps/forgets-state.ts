interface Forgetful {
  readonly snapshot?: unknown
  readonly restore?: unknown
  readonly flush?: unknown
  readonly relearn?: unknown
  readonly progress?: unknown
}

/**
 * Whether a kernel says by its other methods that it keeps something between blocks, and has no snapshot of it. What a
 * kernel keeps without any of them cannot be seen here; `operatorSuite` sees it.
 *
 * @internal
 */
export function forgetsState({ snapshot, restore, flush, relearn, progress }: Forgetful): boolean {
  return snapshot === undefined && [restore, flush, relearn, progress].some((method) => method !== undefined)
}
