/**
 * Most records of one batch. What is known of each takes 40 B in memory, and as many of the smallest are less than 1 MiB when they are
 * compressed.
 *
 * @internal
 */
export const MOST_RECORDS = 4_000_000
