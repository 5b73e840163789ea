import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A store of rows over HTTP: what `rowSink` writes to, for tests and for trying out. */
export interface RowStore {
  readonly url: string
  /** By key, in the order in which they came first. */
  readonly rows: ReadonlyMap<string, Readonly<Record<string, number | null>>>
  /** Answers the next requests with these codes. */
  answerNext(...codes: number[]): void
  close(): Promise<void>
}

/** @param most - refuses rows with a value above it */
export async function rowStore(most = Number.POSITIVE_INFINITY): Promise<RowStore> {
  const rows = new Map<string, Readonly<Record<string, number | null>>>()
  const codes: number[] = []
  const keep = (line: string, i: number): object[] => {
    const { key, values } = JSON.parse(line) as { key: string; values: Record<string, number | null> }
    const high = Object.values(values).find((value) => Number(value) > most)
    if (high !== undefined) return [{ line: i, why: `${high} is above ${most}` }]
    rows.set(key, values)
    return []
  }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const code = codes.shift() ?? 200
      response.writeHead(code, { 'content-type': 'application/json' })
      response.end(code === 200 ? JSON.stringify(body.split('\n').flatMap(keep)) : '[]')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`,
    rows,
    answerNext: (...next) => void codes.push(...next),
    async close() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    }
  }
}
