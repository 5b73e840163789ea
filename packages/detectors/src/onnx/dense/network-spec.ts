import { type DetectorSpec, ShapeMismatchError } from '@messwerk/core/model'
import type { ChannelPlan } from '../../detector/channel-plan.ts'
import { type DetectorParts, scanSpec, sequenceSpec } from '../../detector/detector-spec.ts'
import type { DenseLayer } from '../../network/dense-layer.ts'
import { DenseNetwork } from '../../network/dense-network.ts'
import { type Layout, NetworkDistance } from './network-distance.ts'
import { NetworkModel } from './network-model.ts'
import { WindowNetworkModel } from './window-network-model.ts'

/** @internal */
export interface NetworkWindow {
  readonly scans: number
  readonly layout: Layout
}

/** The description of detectors that come with a network: its snapshots hold where it stands, and which network it is. @internal */
export function networkSpec(
  layers: readonly DenseLayer[],
  window: NetworkWindow | undefined,
  channels: readonly string[] | undefined
): DetectorSpec {
  const { scans, layout } = window ?? { scans: 1, layout: 'NTC' }
  const width = layers[0]!.inputs / scans
  const distance = ({ used }: ChannelPlan): NetworkDistance => {
    if (used.length !== width) throw new ShapeMismatchError('readDense', width, used.length)
    return new NetworkDistance(new DenseNetwork(layers), scans, layout)
  }
  const common = {
    factory: 'readDense',
    options: channels ? { window, channels } : { window },
    kind: 'dense-network',
    version: 1,
    channels,
    settings: { network: digestOf(layers), window: window ? `${scans} ${layout}` : 'none' }
  }
  if (window === undefined) {
    const model = (plan: ChannelPlan): NetworkModel => new NetworkModel(distance(plan))
    return scanSpec(Object.assign({ model, restored: model }, common))
  }
  const parts: Pick<DetectorParts<WindowNetworkModel>, 'model' | 'restored'> = {
    model: (plan) => new WindowNetworkModel(distance(plan)),
    restored: (plan, reader) => new WindowNetworkModel(distance(plan), reader)
  }
  return sequenceSpec(Object.assign(parts, common))
}

/** Tells one network from another: FNV-1a over the bits of its numbers. */
function digestOf(layers: readonly DenseLayer[]): string {
  let digest = 0x811c9dc5
  const take = (bits: number): void => {
    digest = Math.imul(digest ^ bits, 0x01000193) >>> 0
  }
  for (const { inputs, outputs, weights, bias, activation, alpha } of layers) {
    for (const part of [weights, bias, Float64Array.of(inputs, outputs, alpha ?? 0)])
      for (const bits of new Int32Array(part.buffer, part.byteOffset, 2 * part.length)) take(bits)
    for (const letter of activation) take(letter.charCodeAt(0))
  }
  return digest.toString(16).padStart(8, '0')
}
