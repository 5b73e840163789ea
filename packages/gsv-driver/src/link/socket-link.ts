import type { ByteLink, ByteReceiver, Scheduler } from '@messwerk/core/driver'
import { NotConnectedError } from '@messwerk/core/model'

/** What a TCP socket and a serial port have in common. @internal */
export interface DuplexBytes {
  /** Bytes arrived. */
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  /** The peer is gone; a serial port that was unplugged gives the reason here. */
  on(event: 'close', listener: (why?: unknown) => void): unknown
  /** Something failed; `close` follows. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Sends bytes; `done` when the operating system has them. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown
}

/**
 * A link over anything that emits `data`, `error` and `close` as Node's duplex streams do.
 *
 * @param end - closes it for good and resolves when that is done
 *
 * @internal
 */
export function socketLink(url: string, socket: DuplexBytes, scheduler: Scheduler, end: () => Promise<void>): ByteLink {
  let receiver: ByteReceiver | undefined
  let failure: Error | undefined
  let ended = false
  let received = false
  socket.on('error', (error) => {
    failure ??= error
  })
  const onClose = (why?: unknown): void => {
    if (ended) return
    ended = true
    if (why instanceof Error) failure ??= why
    receiver?.closed(gone())
  }
  const gone = (): NotConnectedError => {
    const closed = `the peer closed the connection${received ? '' : ' before it sent anything; does another program use it? Many serial servers serve one at a time'}`
    return new NotConnectedError(url, failure?.message ?? closed, { cause: failure })
  }
  socket.on('close', onClose)
  return {
    url,
    start(to) {
      receiver = to
      socket.on('data', (bytes) => {
        received = true
        if (!ended) to.data(bytes, scheduler.elapsed())
      })
      if (ended) to.closed(gone())
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) =>
          error ? reject(new NotConnectedError(url, error.message, { cause: error })) : resolve()
        )
      }),
    close() {
      ended = true
      return end()
    }
  }
}
