export type { Fault, FaultLabel } from './faults.ts'
export type { SimulatedChannel } from './signal.ts'
export { type SimulatedGsv, type SimulatedLinkOptions, type SimulateGsvOptions, simulateGsv } from './simulate-gsv.ts'
