/** An identifier as SQL. @internal */
export function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** A string as an SQL literal. @internal */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A number as an SQL literal; absent or NaN is NULL. @internal */
export function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return 'NULL'
  return Number.isFinite(value) ? String(value) : `'${value}'::DOUBLE`
}

/** A time in ns since the Unix epoch as an SQL constant of type TIMESTAMP_NS. @internal */
export function instant(ns: bigint): string {
  return `make_timestamp_ns(${ns}::BIGINT)`
}

/** A list of strings as SQL. @internal */
export function list(values: Iterable<string>): string {
  return Array.from(values, text).join(', ')
}
