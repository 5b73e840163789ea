import { MissingDependencyError } from '@messwerk/core/model'

/**
 * The client library: what `import * as mqtt from 'mqtt'` gives.
 *
 * @example
 * ```ts
 * import * as mqtt from 'mqtt'
 * import type { MqttLibrary } from '@messwerk/transports/mqtt'
 *
 * const lib: MqttLibrary = mqtt
 * typeof lib.connect // => 'function'
 * ```
 */
export type MqttLibrary = Pick<typeof import('mqtt'), 'connect'>

type Importer = () => Promise<MqttLibrary>

/** The library that was given, or the installed one. @throws MissingDependencyError @internal */
export async function loadMqtt(
  lib: MqttLibrary | undefined,
  load: Importer = () => import('mqtt')
): Promise<MqttLibrary> {
  if (lib) return lib
  try {
    return await load()
  } catch (cause) {
    throw new MissingDependencyError('mqtt', 'MQTT sources and sinks', { cause })
  }
}
