import { InUseError, isSdkError, StorageError } from '@messwerk/core/model'

interface Translation {
  readonly pattern: RegExp
  readonly why: string
  readonly retryable: boolean
}

const translations: readonly Translation[] = [
  { pattern: /no space left|disk quota|ENOSPC|EDQUOT/i, why: 'the disk is full', retryable: true },
  { pattern: /file too large|EFBIG/i, why: 'the disk is full: the file may not grow any further', retryable: true },
  {
    pattern: /out of memory|failed to pin block|could not allocate block/i,
    why: 'DuckDB has too little memory for a table this wide; raise the option memory',
    retryable: false
  },
  { pattern: /not a valid DuckDB database/i, why: 'is not a DuckDB file', retryable: false },
  { pattern: /version number/i, why: 'was written by another version of DuckDB', retryable: false },
  { pattern: /read-only/i, why: 'may only be read: no permission to write it', retryable: false },
  { pattern: /permission denied|EACCES|EPERM/i, why: 'no permission to open, create or write it', retryable: false },
  { pattern: /is a directory|EISDIR/i, why: 'is a folder, not a file', retryable: false },
  { pattern: /no such file|does not exist.*database|ENOENT/i, why: 'there is no such file', retryable: false },
  { pattern: /corrupt|checksum/i, why: 'the file is damaged', retryable: false },
  {
    pattern: /database has been invalidated/i,
    why: 'DuckDB refuses to go on after a fatal error; the next write opens the file anew',
    retryable: true
  },
  {
    pattern: /different configuration/i,
    why: 'is already open in this process with another configuration',
    retryable: false
  }
]

/** What a failure of DuckDB means, in our words; its own text stays in the cause. @internal */
export function duckdbError(path: string, cause: unknown, doing = 'DuckDB failed'): Error {
  if (isSdkError(cause) || cause instanceof RangeError || cause instanceof TypeError) return cause
  if (cause instanceof Error && cause.name === 'AbortError') return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/could not set lock|being used by another process/i.test(message)) {
    const pid = /\(PID (\d+)\)/.exec(message)?.[1]
    return new InUseError(path, `in use by ${pid === undefined ? 'another process' : `process ${pid}`}`, { cause })
  }
  const known = translations.find(({ pattern }) => pattern.test(message))
  const why = known?.why ?? `${doing}: ${message.split('\n')[0]}`
  return new StorageError(path, why, known?.retryable ?? false, { cause })
}

/** Whether the database refuses everything after this error, until it is opened again. @internal */
export function isFatal(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    /FATAL|invalidated|No space left|File too large|disk quota|INTERNAL Error/i.test(cause.message)
  )
}
