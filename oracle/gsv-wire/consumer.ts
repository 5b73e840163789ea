// The process that is killed: reads an amplifier through a spool, and notes each batch before it asks for the next.
import { setTimeout as sleep } from 'node:timers/promises'
import { isSdkError } from '@messwerk/core/model'
import { spooled } from '@messwerk/core/node'
import { gsvSource } from '@messwerk/gsv-driver'
import { BlockFile } from './block-file.ts'

/** What the consumer is told. */
export interface ConsumerSettings {
  readonly url: string
  readonly counted: boolean
  /** Folder of the spool, and file of the blocks. */
  readonly spool: string
  readonly blocks: string
}

const { url, counted, spool, blocks: path } = JSON.parse(process.argv[2] as string) as ConsumerSettings
const channels = Object.fromEntries(Array.from({ length: 8 }, (_, c) => [c + 1, `c${c + 1}`]))
const amplifier = gsvSource({ url, channels, crc: true, id: 'trial', ...(counted ? { counterChannel: 8 } : {}) })
const source = spooled(amplifier, { path: spool })
const file = new BlockFile(path)
const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const { signal } = new AbortController()
process.stdin.on('end', () => process.exit(1)).resume()

for (let last = file.last; ; await sleep(200)) {
  try {
    for await (const { position, blocks } of source.read({
      signal,
      from: last === undefined ? {} : { trial: last },
      splits
    })) {
      if (blocks.length > 0) file.write(position, blocks)
      last = position
      await source.commit?.({ trial: position })
    }
  } catch (error) {
    if (!isSdkError(error) || !error.retryable) throw error
  }
}
