import { readSource } from './read-source.ts'

/** Of each file. */
const TIMEOUT_MS = 60_000

/**
 * The bytes of a file or of what an address answers, at most `limit` of them.
 *
 * @param from - path, `file:` or `http(s):` address; outside of Node an address, relative to the page
 * @throws as `readSource`
 *
 * @internal
 */
export async function readModelFile(from: string | URL, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
  const by = { factory: 'onnxDetector', option: 'maxBytes' }
  return await readSource(from, { bytes: limit, timeoutMs: TIMEOUT_MS }, by, signal)
}
