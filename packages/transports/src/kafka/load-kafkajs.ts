import { loadLibrary } from '../connection/load-library.ts'

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
  'Kafka' | 'PartitionAssigners' | 'Partitioners' | 'AssignerProtocol' | 'CompressionCodecs'
>

type Importer = () => Promise<unknown>

/** The library that was given, or the installed one. @throws MissingDependencyError @internal */
export function loadKafkajs(
  lib: KafkaLibrary | undefined,
  load: Importer = () => import('kafkajs')
): Promise<KafkaLibrary> {
  return loadLibrary(lib, 'kafkajs', 'CompressionCodecs', 'Kafka sources and sinks', load)
}
