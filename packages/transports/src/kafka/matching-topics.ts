import type { KafkaReader } from './kafka-client.ts'
import type { TopicPattern } from './topic-pattern.ts'

/** The topics that are named, and those that match, in the order of their names. @internal */
export async function matchingTopics(reader: KafkaReader, patterns: readonly TopicPattern[]): Promise<string[]> {
  const found = new Set(patterns.flatMap(({ name }) => name ?? []))
  if (found.size < patterns.length) {
    for (const topic of await reader.topics()) if (patterns.some((pattern) => pattern.match(topic))) found.add(topic)
  }
  return Array.from(found).sort()
}
