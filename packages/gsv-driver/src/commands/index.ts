export { bitLayouts } from './bit-layouts.ts'
export { type BitLayout, type BitValues, readBits, writeBits } from './bits.ts'
export { decodeRequest, decodeResponse, encodeRequest, encodeResponse, type PayloadOptions } from './command-payload.ts'
export { type DioType, dioFunctions, dioTypeCode, dioTypeOf } from './dio-types.ts'
export type { Field, FieldType, ValueOf, ValuesOf } from './field.ts'
export {
  accessOf,
  type GsvAccess,
  type GsvCommand,
  type GsvDirection,
  type GsvModel,
  isAvailable
} from './gsv-command.ts'
export {
  type CommandName,
  commandByCode,
  commandByName,
  gsvCommands,
  type RequestOf,
  type ResponseOf
} from './gsv-commands.ts'
export { GsvError } from './gsv-error.ts'
export { aoutTypes, type InputType, inputOf, inputTypes } from './input-types.ts'
export { type InterfaceInfo, interfaceAnswer, interfaceInfoOf } from './interface-info.ts'
export { type InterfaceEntry, type InterfaceSettings, walkInterfaceSettings } from './interface-settings.ts'
export type { LegacyCommandName, LegacyRequestOf, LegacyResponseOf } from './legacy/legacy-command-types.ts'
export { legacyCommands } from './legacy/legacy-commands.ts'
export {
  gsv2Rate,
  gsv2RateRegister,
  gsv3Rate,
  gsv3RateRegisters,
  gsv4RateCode,
  gsv4Rates
} from './legacy/legacy-rates.ts'
export {
  type Gsv4Input,
  gsv2Norm,
  gsv2Scale,
  gsv4Inputs,
  thresholdOf,
  thresholdRegister
} from './legacy/legacy-values.ts'
export {
  answerBytes,
  decodeAnswer,
  decodeParameters,
  encodeAnswer,
  encodeParameters,
  type FieldValues,
  parameterBytes
} from './row-payload.ts'
export { type SensorCalibration, sensorCalibration, sensorElements, sensorReads, sensorWrites } from './six-axis.ts'
export { type GsvStatus, isSuccess, statusCodes, statusOf } from './status.ts'
export { type TedsEntry, tedsEntryOf, tedsProperties } from './teds.ts'
export { type MappedObject, mappedObjectOf, mappingEntry } from './tx-mapping.ts'
export { unitCodeOf, unitCodes, unitOf, unitSetting, unitSlot } from './unit-codes.ts'
export {
  type FaultCause,
  faultCounts,
  faultsOfGsv6,
  faultyChannels,
  type ValueError,
  type ValueFault,
  valueErrorBytes,
  valueErrorOf
} from './value-faults.ts'
