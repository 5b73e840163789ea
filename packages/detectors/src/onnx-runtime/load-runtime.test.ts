import { MissingDependencyError } from '@messwerk/core/model'
import type * as common from 'onnxruntime-common'
import * as node from 'onnxruntime-node'
import * as web from 'onnxruntime-web'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { loadRuntime } from './load-runtime.ts'
import type { OnnxRuntime } from './onnx-runtime.ts'

const missing = async (): Promise<never> => {
  throw new Error('ERR_MODULE_NOT_FOUND')
}
const both = { 'onnxruntime-node': async () => node, 'onnxruntime-web': async () => web }

describe('the installed package', () => {
  it('is onnxruntime-node before onnxruntime-web', async () => {
    expect((await loadRuntime({}, both)).name).toBe('onnxruntime-node')
    expect((await loadRuntime({ runtime: 'onnxruntime-web' }, both)).name).toBe('onnxruntime-web')
    const onlyWeb = { 'onnxruntime-node': missing, 'onnxruntime-web': async () => web }
    expect((await loadRuntime({}, onlyWeb)).name).toBe('onnxruntime-web')
    await expect(loadRuntime({ runtime: 'onnxruntime-node' }, onlyWeb)).rejects.toBeInstanceOf(MissingDependencyError)
  })

  it('for the web has one thread, or as many as asked for', async () => {
    await loadRuntime({ runtime: 'onnxruntime-web', threads: 3 }, both)
    expect(web.env.wasm.numThreads).toBe(3)
    await loadRuntime({ runtime: 'onnxruntime-web' }, both)
    expect(web.env.wasm.numThreads).toBe(1)
  })

  it('that is missing is named, with how to install it', async () => {
    const neither = { 'onnxruntime-node': missing, 'onnxruntime-web': missing }
    await expect(loadRuntime({}, neither)).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      dependency: 'onnxruntime-node',
      message: expect.stringMatching(
        /onnxruntime-web, without native code.*ONNXRUNTIME_NODE_INSTALL=skip.*npm install onnxruntime-node/
      ),
      cause: expect.objectContaining({ message: 'ERR_MODULE_NOT_FOUND' })
    })
    await expect(loadRuntime({ runtime: 'onnxruntime-web' }, neither)).rejects.toMatchObject({
      dependency: 'onnxruntime-web'
    })
  })

  it('that is something else is not taken', async () => {
    const odd = { 'onnxruntime-node': async () => ({}), 'onnxruntime-web': missing }
    await expect(loadRuntime({}, odd)).rejects.toBeInstanceOf(MissingDependencyError)
  })
})

describe('lib', () => {
  it('has the shape that both packages share', () => {
    expectTypeOf<typeof common>().toExtend<OnnxRuntime>()
  })

  it('is the module, what loads it, or what a bundler made of it', async () => {
    const [ofNode, ofWeb]: [OnnxRuntime, OnnxRuntime] = [node, web]
    expect(await loadRuntime({ lib: ofNode })).toEqual({ lib: node, name: 'onnxruntime-node' })
    expect(await loadRuntime({ lib: async () => ofWeb })).toEqual({ lib: web, name: 'onnxruntime-web' })
    const wrapped = { default: node } as unknown as OnnxRuntime
    expect((await loadRuntime({ lib: wrapped })).lib).toBe(node)
  })

  it('keeps its own number of threads, unless one is asked for', async () => {
    web.env.wasm.numThreads = 2
    await loadRuntime({ lib: web })
    expect(web.env.wasm.numThreads).toBe(2)
    await loadRuntime({ lib: web, threads: 1 })
    expect(web.env.wasm.numThreads).toBe(1)
  })

  it('that is something else is refused', async () => {
    await expect(loadRuntime({ lib: {} as OnnxRuntime })).rejects.toThrow('onnxDetector: lib must be the module')
  })
})
