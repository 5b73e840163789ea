import { connect } from 'node:net'
import type { Batch, Rejected, Source } from '@messwerk/core/model'
import { BlockBuilder, DecodeError, defineStream, NotConnectedError, nsOfMs, ProtocolError } from '@messwerk/core/model'

const channels = [{ name: 'pressure', unit: 'bar' } as const, { name: 'current', unit: 'A' } as const]

/**
 * A data logger over TCP. Asked `from 17`, it sends what it has measured after its line 17 and goes on measuring, a line
 * a scan (`<ms since the Unix epoch> <bar> <A>`), until it says `end`.
 */
export function lineSource(host: string, port: number, id: string): Source<'pressure' | 'current'> {
  const url = `tcp://${host}:${port}`
  const stream = defineStream({ id, channels })
  return {
    id: url,
    replay: 'position',
    async *read({ signal, from, report }) {
      if (signal.aborted) return
      const scans = new BlockBuilder(stream, { split: id, clock: 'device', capacity: 1000 })
      let [position, last, rest] = [from[id] ?? 0, 0, '']
      const bad: Rejected[] = []
      const batch = (): Batch => ({ split: id, position, blocks: [scans.take() ?? []].flat(), rejected: bad.splice(0) })
      const socket = connect({ host, port, signal }).setEncoding('utf8')
      socket.write(`from ${position}\n`)
      try {
        // while nobody asks, the socket is not read, and TCP makes the logger wait
        for await (const text of socket) {
          report?.({ state: 'running' })
          const lines: string[] = (rest + text).split('\n')
          rest = lines.pop() as string
          for (const line of lines) {
            const [ms = Number.NaN, ...values] = line.trim().split(/\s+/).map(Number)
            const isScan = ms >= last && values.length === 2 && values.every(Number.isFinite)
            if (scans.length > 0 && (!isScan || scans.length === 1000)) yield batch()
            if (line === 'end') return bad.length > 0 ? yield batch() : undefined
            position += 1
            if (!isScan && bad.push(letterOf(position, line)) > 100) throw new ProtocolError(`${url} sends no scans`)
            if (!isScan) continue
            // the hole goes out with what was rejected: no position behind it is handed over before
            if (scans.length === 0 && bad.length > 0) scans.declareGap({ scans: bad.length, cause: 'rejected' })
            scans.add(values, nsOfMs(ms), position)
            last = ms
          }
          if (scans.length > 0) yield batch()
        }
      } catch (error) {
        if (signal.aborted) return
        throw error === socket.errored ? new NotConnectedError(url, socket.errored?.message) : error
      } finally {
        socket.destroy()
      }
      throw new NotConnectedError(url, 'the logger hung up')
    }
  }
}

const letterOf = (position: number, line: string): Rejected => {
  const error = new DecodeError(`line ${position}`, 'a line must be a time and two numbers')
  return { error, payload: Buffer.from(line), from: `line ${position}` }
}
