import { MissingDependencyError } from '@messwerk/core/model'

/**
 * The client library: what `import * as opcua from 'node-opcua-client'` gives.
 *
 * @example
 * ```ts
 * import type { OpcuaLibrary } from '@messwerk/transports/opcua'
 *
 * const used: (keyof OpcuaLibrary)[] = ['OPCUAClient', 'PublishRequest']
 * used.length // => 2
 * ```
 */
export type OpcuaLibrary = typeof import('node-opcua-client')

type Importer = () => Promise<OpcuaLibrary & { readonly default?: OpcuaLibrary }>

/** The library that was given, or the installed one. @throws MissingDependencyError @internal */
export async function loadOpcua(
  lib: OpcuaLibrary | undefined,
  load: Importer = () => import('node-opcua-client')
): Promise<OpcuaLibrary> {
  if (lib) return lib
  try {
    const loaded = await load()
    // it is CommonJS: not all of its names are seen from outside
    return loaded.default ?? loaded
  } catch (cause) {
    throw new MissingDependencyError('node-opcua-client', 'OPC UA sources and sinks', { cause })
  }
}
