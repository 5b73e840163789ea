import type { ByteLink, ByteReceiver, Scheduler } from '@messwerk/core/driver'
import { NotConnectedError } from '@messwerk/core/model'
import { type DuplexBytes, socketLink } from './socket-link.ts'

/**
 * Any duplex stream of bytes: one of Node's, or a pair of web streams, as the Web Serial API has it.
 *
 * @example
 * ```ts
 * import type { DuplexStream } from '@messwerk/gsv-driver'
 * import { duplexPair } from 'node:stream'
 *
 * const [ours]: readonly DuplexStream[] = duplexPair()
 * typeof ours // => 'object'
 * ```
 */
export type DuplexStream =
  | (DuplexBytes & {
      /** Lets go of it at once. */
      destroy(): unknown
    })
  | { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> }

/**
 * A link over a duplex stream.
 *
 * @throws TypeError when it is none
 *
 * @internal
 */
export function duplexLink(stream: DuplexStream, scheduler: Scheduler): ByteLink {
  if ('on' in stream && typeof stream.write === 'function') {
    return socketLink('stream:', stream, scheduler, async () => void stream.destroy())
  }
  if ('readable' in stream && typeof stream.readable === 'object') return webLink(stream, scheduler)
  throw new TypeError('openGsv: link must be a ByteLink, a duplex stream, or { readable, writable }')
}

function webLink({ readable, writable }: Exclude<DuplexStream, DuplexBytes>, scheduler: Scheduler): ByteLink {
  const reader = readable.getReader()
  const writer = writable.getWriter()
  let isClosed = false
  const pump = async (to: ByteReceiver): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (isClosed) return
      if (done) return to.closed(new NotConnectedError('stream:', 'the stream has ended'))
      to.data(value, scheduler.elapsed())
    }
  }
  return {
    url: 'stream:',
    start(to) {
      pump(to).catch((cause: Error) => {
        if (!isClosed) to.closed(new NotConnectedError('stream:', cause.message, { cause }))
      })
    },
    write: (bytes) => writer.write(bytes),
    async close() {
      isClosed = true
      await reader.cancel().catch(() => {})
      await writer.close().catch(() => {})
      reader.releaseLock()
      writer.releaseLock()
    }
  }
}
