import { isSdkError, PipelineError } from '../model/errors.ts'
import { type Duration, durationMs } from '../model/span.ts'

/**
 * What to do about an error: `retry` repeats what failed, `reject` gives the item to the dead letters and goes on, `fail`
 * ends the run; nothing is lost, since what was not durable is read again.
 *
 * @example
 * ```ts
 * import type { Remedy } from '@messwerk/core'
 *
 * const remedy: Remedy = 'retry'
 * remedy // => 'retry'
 * ```
 */
export type Remedy = 'retry' | 'reject' | 'fail'

/**
 * How a failed write, connection or read is repeated: after `first`, then `factor` times as long each time, never longer
 * than `most`. Each wait is shortened at random by up to the share `jitter`, so that many clients of a server that comes
 * back do not all call at once. What succeeds begins at `first` again.
 *
 * @example
 * ```ts
 * import type { RetryOptions } from '@messwerk/core'
 *
 * const patient: RetryOptions = { first: '1s', most: '5min', giveUpAfter: '1d' }
 * const strict: RetryOptions = { classify: (error) => (error instanceof RangeError ? 'reject' : 'fail') }
 * strict.classify?.(new RangeError('no such column')) // => 'reject'
 * ```
 */
export interface RetryOptions {
  /** The wait after the first failure. @defaultValue '100ms' */
  readonly first?: Duration | undefined
  /** How much longer each wait is than the one before, at least 1. @defaultValue 2 */
  readonly factor?: number | undefined
  /** The longest wait, at least `first`. @defaultValue '30s' */
  readonly most?: Duration | undefined
  /** Share of each wait that is left to chance, 0 (none) to 1. @defaultValue 0.2 */
  readonly jitter?: number | undefined
  /** After this long without success an item goes to the dead letters. @defaultValue never */
  readonly giveUpAfter?: Duration | undefined
  /**
   * Decides what to do about an error.
   *
   * @defaultValue retryable errors of this SDK: `retry`; refused credentials, a missing package, being fenced off and
   * broken contracts: `fail`; other errors of this SDK: `reject`; any other error is a bug of the sink: `fail`
   */
  readonly classify?: ((error: unknown) => Remedy) | undefined
  /** Numbers in [0, 1) for the jitter. @defaultValue Math.random */
  readonly random?: (() => number) | undefined
}

// Repeating these cannot help, and dead letters would take the whole stream.
const FATAL: readonly string[] = ['AUTH_REFUSED', 'MISSING_DEPENDENCY', 'FENCED', 'PIPELINE_FAILED']
const REMEDIES: readonly unknown[] = ['retry', 'reject', 'fail']

/** Checked retry options. @internal */
export class RetryPolicy {
  readonly giveUpMs: number | undefined
  readonly #waits: Waits
  readonly #classify: (error: unknown) => Remedy

  /**
   * @param name - begins the errors, for example `duckdb: retry`
   * @throws RangeError, TypeError naming option, rule and value
   */
  constructor(options: RetryOptions = {}, name = 'retry') {
    const { first = '100ms', most = '30s', factor = 2, jitter = 0.2, giveUpAfter, classify, random } = options
    const firstMs = positiveMs(first, `${name}.first`)
    const mostMs = positiveMs(most, `${name}.most`)
    if (mostMs < firstMs) throw new RangeError(`${name}.most must be at least first ('${first}'), got '${most}'`)
    if (!(Number.isFinite(factor) && factor >= 1)) {
      throw new RangeError(`${name}.factor must be a number of at least 1, got ${String(factor)}`)
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new RangeError(`${name}.jitter must be a number from 0 to 1, got ${String(jitter)}`)
    }
    this.giveUpMs = giveUpAfter === undefined ? undefined : positiveMs(giveUpAfter, `${name}.giveUpAfter`)
    this.#waits = { firstMs, mostMs, factor, jitter, random: functionOf(random, `${name}.random`) ?? Math.random }
    this.#classify = checked(functionOf(classify, `${name}.classify`), name) ?? remedyOf
  }

  classify(error: unknown): Remedy {
    return this.#classify(error)
  }

  backoff(): Backoff {
    return new Backoff(this.#waits)
  }
}

interface Waits {
  readonly firstMs: number
  readonly mostMs: number
  readonly factor: number
  readonly jitter: number
  readonly random: () => number
}

/** The waits between attempts: longer each time, until reset. @internal */
export class Backoff {
  readonly #waits: Waits
  #nextMs: number

  constructor(waits: Waits) {
    this.#waits = waits
    this.#nextMs = waits.firstMs
  }

  /** The next wait, ms. */
  next(): number {
    const { mostMs, factor, jitter, random } = this.#waits
    const ms = this.#nextMs
    this.#nextMs = Math.min(mostMs, ms * factor)
    return ms * (1 - jitter * random())
  }

  /** It works again. */
  reset(): void {
    this.#nextMs = this.#waits.firstMs
  }
}

function remedyOf(error: unknown): Remedy {
  if (!isSdkError(error)) return 'fail'
  if (FATAL.includes(error.code)) return 'fail'
  return error.retryable ? 'retry' : 'reject'
}

function checked(classify: RetryOptions['classify'], name: string): RetryOptions['classify'] {
  if (!classify) return undefined
  return (error) => {
    const remedy = classify(error)
    if (REMEDIES.includes(remedy)) return remedy
    const why = `${name}.classify must return 'retry', 'reject' or 'fail', got ${JSON.stringify(remedy) ?? String(remedy)}`
    throw new PipelineError(name, why, { cause: error })
  }
}

/** @internal */
export function positiveMs(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms > 0) return ms
  throw new RangeError(`${option} must be longer than 0, got '${duration}'`)
}

function functionOf<F>(value: F | undefined, option: string): F | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw new TypeError(`${option} must be a function, got ${JSON.stringify(value) ?? String(value)}`)
}
