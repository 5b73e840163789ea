import type { CommandName } from '../commands/index.ts'

/** Commands that write to slow memory: their answer may take several times as long as others'. @internal */
export const SLOW_COMMANDS: ReadonlySet<string> = new Set<CommandName>([
  'LoadConfig',
  'StoreConfig',
  'StoreFTSensorCal',
  'StoreDigiFilt',
  'StoreLinearization',
  'StoreTEDSdata',
  'EraseErrorMemory'
])
