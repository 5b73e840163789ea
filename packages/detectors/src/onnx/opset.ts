import { ModelError } from '@messwerk/core/model'
import type { OnnxModel } from './graph.ts'

/** Before this, operators repeated constants and dropped values in other ways. */
const OLDEST = 9

/** @throws ModelError where the model goes by operators that are older than those read here @internal */
export function checkOpset({ opsets, graph }: OnnxModel, who: string): void {
  const opset = opsets.get('')
  const isUsed = graph.nodes.some(({ domain }) => domain === '')
  if (!isUsed || (opset !== undefined && opset >= OLDEST)) return
  throw new ModelError(
    'unsupported',
    `${who}: the model is of opset ${opset ?? 'none'}, before ${OLDEST}; run the model with onnxDetector`
  )
}
