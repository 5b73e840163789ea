import type { ScalerJson } from '../scalers/scaler-json.ts'
import type { GraphBuilder } from './graph-builder.ts'

/**
 * A scaler, double [N, channels] (or [N, scans, channels]) to the same.
 *
 * @throws RangeError for a quantile scaler, which the standard operators have no step for
 * @internal
 */
export function writeScaler(graph: GraphBuilder, values: string, scaler: ScalerJson): string {
  const row = (name: string, of: readonly number[]): string => graph.doubles(name, [of.length], of)
  if (scaler.kind === 'quantile')
    throw new RangeError('toOnnx: the scaler must be one that can be written (standard, robust, min-max), got quantile')
  if (scaler.kind !== 'min-max') {
    const center = scaler.kind === 'standard' ? scaler.mean : scaler.center
    const away = graph.node('Sub', [values, row('scaler_center', center)])
    return graph.node('Div', [away, row('scaler_scale', scaler.scale)])
  }
  const scaled = graph.node('Mul', [values, row('scaler_scale', scaler.scale)])
  const shifted = graph.node('Add', [scaled, row('scaler_min', scaler.min)])
  if (scaler.clip === undefined) return shifted
  const [least, most] = scaler.clip
  return graph.clip(shifted, graph.doubles('scaler_least', [], [least]), graph.doubles('scaler_most', [], [most]))
}
