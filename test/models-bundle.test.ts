import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from '../scripts/steps.ts'

it('a bundle of @messwerk/detectors/models for a browser needs nothing of Node and holds no runtime', async () => {
  const { metafile, outputFiles, warnings } = await build({
    stdin: { contents: `export * from './packages/detectors/src/models/index.ts'`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent'
  })
  expect(warnings).toEqual([])
  const { imports } = Object.values(metafile.outputs)[0]!
  expect(imports).toEqual([])
  expect(Object.keys(metafile.inputs).filter((file) => file.includes('/onnxruntime-'))).toEqual([])
  expect(outputFiles[0]!.contents.length).toBeLessThan(400_000)
})
