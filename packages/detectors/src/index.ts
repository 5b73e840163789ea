export type { MinDeviation } from './channel-plan.ts'
export { type RobustZOptions, robustZ } from './robust-z/robust-z.ts'
export { type SamplesOptions, samples } from './samples.ts'
export { type ZScoreOptions, zScore } from './z-score/z-score.ts'
