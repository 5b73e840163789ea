import { MissingDependencyError } from '@messwerk/core/model'

/**
 * The client library: what `import * as kafkajs from 'kafkajs'` gives.
 *
 * @example
 * ```ts
 * import * as kafkajs from 'kafkajs'
 * import type { KafkaLibrary } from '@messwerk/transports/kafka'
 *
 * const lib: KafkaLibrary = kafkajs
 * typeof lib.Kafka // => 'function'
 * ```
 */
export type KafkaLibrary = Pick<
  typeof import('kafkajs'),
  'Kafka' | 'PartitionAssigners' | 'Partitioners' | 'AssignerProtocol'
>

type Importer = () => Promise<KafkaLibrary>

/** The library that was given, or the installed one. @throws MissingDependencyError @internal */
export async function loadKafkajs(
  lib: KafkaLibrary | undefined,
  load: Importer = () => import('kafkajs')
): Promise<KafkaLibrary> {
  if (lib) return lib
  try {
    return await load()
  } catch (cause) {
    throw new MissingDependencyError('kafkajs', 'Kafka sources and sinks', { cause })
  }
}
