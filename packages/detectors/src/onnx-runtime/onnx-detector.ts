import type { AsyncDetectorSpec } from '@messwerk/core/model'
import { channelPlan } from '../detector/channel-plan.ts'
import { loadedModel } from './loaded-model.ts'
import { ModelDetector } from './model-detector.ts'
import { type OnnxDetectorOptions, onnxPlan } from './onnx-detector-options.ts'
import { SharedModel } from './shared-model.ts'

/**
 * Scores with a model in the ONNX format, in onnxruntime: a forest, a neighbourhood or a support vector machine of scikit-learn, an
 * autoencoder of PyTorch or Keras.
 *
 * Needs one of the packages `onnxruntime-node` and `onnxruntime-web`, which is loaded when the first stream opens. The streams of one
 * description share one session, and runs go one after the other. Where a model is an isolation forest or a plain dense network,
 * `loadModel` reads it without a runtime.
 *
 * - Input: scans of the named channels in their units, scaled by `scaler`; a scan (or a window) with a value that is not finite has the
 *   score NaN and does not reach the model. Beyond the largest float32 a value counts as that.
 * - Output: scores >= 0, higher is more anomalous: see {@link OnnxScore}. `explain` exists for `'reconstruction'`.
 * - Cost: a run of a small network about 20 microseconds, whatever its rows; of a forest of 100 trees 1 ms and 18 microseconds a row. In
 *   onnxruntime-node a run holds the event loop.
 * - Bits: rows are filled up to a multiple of 16, so that any cutting into blocks gives the same bits. Not so with a local outlier factor in
 *   onnxruntime-node, where the last bits of a score depend on the place of its row in a run: `batch: 1` runs each row alone.
 *
 * Errors when it opens: `MissingDependencyError` without a runtime; `ModelError` when the file is missing, too large, damaged or not for
 * these channels; `NotConnectedError` and `AuthError` for an address.
 *
 * @throws TypeError, RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { onnxDetector } from '@messwerk/detectors/models'
 *
 * const forest = onnxDetector({
 *   path: 'models/pump.onnx',
 *   channels: ['pressure', 'current'],
 *   score: 'sklearn-score-samples'
 * })
 * forest.async // => true
 * forest.channels // => ['pressure', 'current']
 * ```
 */
export function onnxDetector<const K extends string = string>(options: OnnxDetectorOptions<K>): AsyncDetectorSpec<K> {
  const plan = onnxPlan(options)
  const shared = new SharedModel((signal) => loadedModel(plan, signal))
  return {
    kind: 'onnx',
    async: true,
    channels: plan.channels as readonly K[] | undefined,
    create: (available) => {
      const channels = channelPlan('onnxDetector', available, plan.channels, undefined)
      return new ModelDetector(plan, channels, shared)
    }
  }
}
