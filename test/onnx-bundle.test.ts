import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from '../scripts/steps.ts'

it.each(['browser', 'node'] as const)(
  'a bundle for %s with onnxDetector holds no runtime, and needs none',
  async (platform) => {
    const { metafile, outputFiles, warnings } = await build({
      stdin: {
        contents: `export { onnxDetector } from './packages/detectors/src/onnx-runtime/onnx-detector.ts'`,
        resolveDir: root
      },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform,
      logLevel: 'silent'
    })
    expect(warnings).toEqual([])
    expect(Object.keys(metafile.inputs).filter((file) => file.includes('/onnxruntime-'))).toEqual([])
    expect(outputFiles[0]!.contents.length).toBeLessThan(40_000)
  }
)
