import type { LegacyModel } from '../../codec/index.ts'
import type { LegacyGsv } from '../../device/legacy/legacy-gsv.ts'
import type { LegacyGsvDevice } from '../../device/legacy/legacy-probe.ts'
import type { OpenLegacyOptions } from '../../device/open-gsv.ts'
import type { GsvSourceOptions } from '../gsv-source.ts'

/**
 * Options of `gsvSource` for the models with a protocol of their own. `rate` is refused where the model does not have it.
 *
 * @example
 * ```ts
 * import type { LegacySourceOptions } from '@messwerk/gsv-driver'
 *
 * const scales = { 1: { scale: 50, unit: 'kN' } }
 * const options: LegacySourceOptions<'force'> = { url: 'serial:/dev/ttyUSB0', model: 'gsv-3', channels: { 1: 'force' }, scales }
 * options.model // => 'gsv-3'
 * ```
 */
export interface LegacySourceOptions<C extends string = string, M extends LegacyModel = LegacyModel>
  extends Omit<GsvSourceOptions<C>, 'model' | 'onDevice' | 'baudRate' | 'crc'>,
    Pick<OpenLegacyOptions<M>, 'model' | 'scales' | 'polarity' | 'baudRate'> {
  /**
   * Called when the device has said what it is, before it transmits; again after each reconnection. `gsv` ends with the reading;
   * while scans flow it can set zero and thresholds (`command('SetThreshold', ..)`), and answers nothing.
   */
  readonly onDevice?: (device: LegacyGsvDevice<M>, gsv: LegacyGsv<M>) => void
}
