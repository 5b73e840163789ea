import {
  AuthError,
  BatchError,
  type Block,
  NotConnectedError,
  type Sink,
  StorageError,
  timeNs
} from '@messwerk/core/model'

/**
 * A store of rows over HTTP: takes `POST /rows` with a line a row, `{ key, values }`, keeps the last of each key, and
 * answers with the lines it refuses, `[{ line, why }]`.
 */
export function rowSink(url: string): Sink<Block> {
  const id = `rows ${new URL(url).host}`
  return {
    id,
    async write(blocks, signal) {
      const lines: string[] = []
      const ends = blocks.map((block) => lines.push(...rowsOf(block)))
      if (lines.length === 0) return
      const refused = await post(id, url, lines.join('\n'), signal)
      const failed = new Map<number, Error>()
      for (const { line, why } of refused) {
        const item = ends.findIndex((end) => line < end)
        failed.set(item, new StorageError(id, why, false))
      }
      if (failed.size > 0) throw new BatchError(id, failed)
    }
  }
}

/** The key of a row is its stream and its time to the ns: written again, cut otherwise, it is the same row. */
function rowsOf(block: Block): string[] {
  const { stream, length, values } = block
  return Array.from({ length }, (_, i) => {
    const cells = stream.channels.map(({ name }, c) => [name, numberOrNull(values[c * length + i] as number)])
    return JSON.stringify({ key: `${stream.id} ${timeNs(block, i)}`, values: Object.fromEntries(cells) })
  })
}

/** Missing is null, never 0. */
const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

async function post(id: string, url: string, body: string, signal: AbortSignal): Promise<Refusal[]> {
  const answer = await fetch(url, { method: 'POST', body, signal }).catch((error: Error) => {
    signal.throwIfAborted()
    throw new NotConnectedError(url, error.message, { cause: error })
  })
  const { status } = answer
  if (status === 401 || status === 403) throw new AuthError(url, `it answered ${status}`)
  if (status >= 400) throw new StorageError(id, `it answered ${status}`, status >= 500 || status === 429)
  return (await answer.json()) as Refusal[]
}

interface Refusal {
  readonly line: number
  readonly why: string
}
