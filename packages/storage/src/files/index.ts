export type { TextEncoding } from './file-bytes.ts'
export type { TimeUnit } from './parse-time.ts'
export { type ReplayCounts, type ReplaySource, replay } from './replay.ts'
export type { GroupColumn, Pacing, ReplayOptions, TimeColumn } from './replay-options.ts'
