import { createConnection, type Socket } from 'node:net'
import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import { NotConnectedError } from '@messwerk/core/model'
import { socketLink } from './socket-link.ts'

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; is the serial server running, and is this its port?',
  ENOTFOUND: 'no such host; check the name',
  EAI_AGAIN: 'the name could not be resolved; check name and network',
  EHOSTUNREACH: 'host unreachable; check address and network',
  ENETUNREACH: 'network unreachable; check address and network',
  ETIMEDOUT: 'no answer; check address and firewall'
}

/**
 * A link to a transparent TCP serial server.
 *
 * @throws NotConnectedError (rejected) when there is no connection within `timeoutMs`, with what to try
 *
 * @internal
 */
export function tcpLink(url: string, scheduler: Scheduler, timeoutMs: number): Promise<ByteLink> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      noDelay: true
    })
    const fail = (why: string, cause?: Error): void => {
      cancel()
      socket.destroy()
      reject(new NotConnectedError(url, why, { cause }))
    }
    const cancel = scheduler.after(timeoutMs, () =>
      fail(`no answer within ${timeoutMs} ms; check address and firewall`)
    )
    const onError = (error: NodeJS.ErrnoException): void => fail(ADVICE[error.code ?? ''] ?? error.message, error)
    socket.once('error', onError)
    socket.once('connect', () => {
      cancel()
      socket.off('error', onError)
      resolve(socketLink(url, socket, scheduler, () => ended(socket, scheduler)))
    })
  })
}

/** How long the peer may take to close its side, ms. */
const FAREWELL = 200

/** Says goodbye and waits for the peer to do so too: a server that serves one at a time is free then. */
async function ended(socket: Socket, scheduler: Scheduler): Promise<void> {
  if (socket.closed) return
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  const cancel = scheduler.after(FAREWELL, () => void socket.destroy())
  // What still arrives is read and thrown away, or the end behind it would not be seen.
  socket.resume()
  socket.end()
  await closed
  cancel()
}
