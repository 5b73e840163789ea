import { describe, expect, it } from 'vitest'
import { RequestParser } from './request-parser.ts'
import { bytesOf, REQUESTS } from './vectors.ts'

function parse(chunks: readonly Uint8Array[], idle = false): unknown[] {
  const seen: unknown[] = []
  const parser = new RequestParser({
    request: (command, parameters, crc) => void seen.push({ command, parameters: parameters.slice(), crc }),
    refused: (status, crc) => void seen.push({ status, crc }),
    skipped: (bytes) => void seen.push(bytes)
  })
  for (const chunk of chunks) parser.push(chunk)
  if (idle) parser.idle()
  return seen
}

const all = bytesOf(REQUESTS.map(({ bytes }) => bytes).join(' '))
const found = REQUESTS.map(({ command, parameters, crc }) => ({ command, parameters: bytesOf(parameters), crc }))

describe('RequestParser', () => {
  it('finds every request of the vectors', () => expect(parse([all])).toEqual(found))
  it('finds the same, split at every byte position', () => {
    for (let at = 1; at < all.length; at += 1) {
      expect(parse([all.subarray(0, at), all.subarray(at)])).toEqual(found)
    }
    expect(parse(Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(found)
  })
  const odd: readonly (readonly [name: string, bytes: string, seen: unknown[]])[] = [
    ['a wrong checksum', 'AA B0 23 A7 85 AA 90 23 85', [{ status: 0x43, crc: true }, stop()]],
    ['a wrong suffix', 'AA 90 23 84 AA 90 23 85', [{ status: 0x42, crc: false }, 1, 1, 1, 1, stop()]],
    ['garbage and a response', '00 AA 50 00 85 AA 90 23 85', [1, 1, 1, 1, 1, stop()]],
    ['a prefix twice', 'AA AA 90 23 85', [1, stop()]]
  ]
  for (const [name, bytes, seen] of odd) {
    it(`goes on behind ${name}`, () => expect(parse([bytesOf(bytes)])).toEqual(seen))
  }
  it('refuses parameters that do not come', () =>
    expect(parse([bytesOf('AA 94 8B 42 C8')], true)).toEqual([{ status: 0x5a, crc: false }, 5]))
  it('says nothing of a lone prefix but that it was skipped', () => expect(parse([bytesOf('AA')], true)).toEqual([1]))
})

function stop(): unknown {
  return { command: 0x23, parameters: new Uint8Array(0), crc: false }
}
