import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { KAFKA_VERSION } from '../test/servers/kafka-node.ts'

/** What a result was made with. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string): string => {
    try {
      return (require(`${name}/package.json`) as { version: string }).version
    } catch {
      return 'unknown'
    }
  }
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    mosquitto: mosquitto(),
    duckdb: versionOf('@duckdb/node-api'),
    mqtt: versionOf('mqtt'),
    kafka: KAFKA_VERSION,
    kafkajs: versionOf('kafkajs')
  }
}

function mosquitto(): string {
  try {
    execFileSync('mosquitto', ['-h'], { stdio: 'pipe' })
  } catch (error) {
    const text = String((error as { stdout?: Buffer }).stdout ?? '')
    return /version (\S+)/.exec(text)?.[1] ?? 'none'
  }
  return 'unknown'
}
