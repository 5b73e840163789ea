export { GsvError } from './commands/gsv-error.ts'
export type { GsvChange } from './device/change-settings.ts'
export type { GsvConfig } from './device/config.ts'
export type { GsvFilter, GsvFilters } from './device/filters.ts'
export type { Gsv, GsvSensor } from './device/gsv.ts'
export type {
  Gsv2Settings,
  Gsv3Settings,
  Gsv4Settings,
  LegacyGsv,
  LegacySettings,
  LegacyThresholds
} from './device/legacy/legacy-gsv.ts'
export type { LegacyGsvDevice, LegacyScale } from './device/legacy/legacy-probe.ts'
export type { GsvLines } from './device/lines.ts'
export { type OpenGsvOptions, type OpenLegacyOptions, openGsv } from './device/open-gsv.ts'
export type { GsvChannel, GsvDevice, GsvInterface } from './device/probe.ts'
export type { GsvSettingValue } from './device/settings/setting.ts'
export type { GsvSixAxis } from './device/six-axis.ts'
export type { GsvTedsProperty } from './device/teds.ts'
export type { DuplexStream } from './link/duplex-link.ts'
export { type LinkOptions, openLink } from './link/open-link.ts'
export type { SerialPortLike, SerialportLib } from './link/serial-link.ts'
export { type GsvSourceOptions, gsvSource } from './source/gsv-source.ts'
export type { LegacySourceOptions } from './source/legacy/legacy-options.ts'
