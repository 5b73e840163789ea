export { type BacktestOptions, backtest, type Chain } from './backtest.ts'
export type { BacktestReport, ThresholdResult } from './backtest-report.ts'
export type { LabelFound } from './judge.ts'
export type { Label } from './labels.ts'
