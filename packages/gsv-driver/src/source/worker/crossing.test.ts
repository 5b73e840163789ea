import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { Batch } from '@messwerk/core/model'
import {
  DeviceError,
  InUseError,
  MissingDependencyError,
  NotConnectedError,
  ProtocolError,
  ShapeMismatchError,
  TimeoutError
} from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { GsvError } from '../../commands/index.ts'
import { simulateGsv } from '../../simulator/index.ts'
import { gsvSource } from '../gsv-source.ts'
import { buffersOf, packBatch, unpackBatch } from './crossing.ts'
import { packError, unpackError } from './crossing-error.ts'

const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

/** What a message is on the other side of a channel between threads. */
function crossed<T>(message: T, transfer: ArrayBuffer[] = []): T {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(message, transfer)
  const received = receiveMessageOnPort(port2)?.message as T
  port1.close()
  return received
}

describe('batches', () => {
  it('arrive as they were: values, times, quality, gaps, notices, and the same stream', async () => {
    const amplifier = simulateGsv({ rate: 10_000, seed: 3 })
    amplifier.inject({ kind: 'saturation', channel: 'force_z', at: 5000, for: 700 })
    amplifier.corruptFrames({ at: 12_000, count: 4 })
    amplifier.loseFrames({ at: 40_000, count: 10_000 })
    amplifier.corruptFrames({ at: 79_990, count: 10 })
    const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '8s' }) })
    const seen = { blocks: 0, gaps: 0, quality: 0, events: 0 }
    for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
      const before = structuredClone({ ...batch, blocks: batch.blocks.map(({ stream: _, ...rest }) => rest) })
      const packed = packBatch(batch)
      const after: Batch = unpackBatch(crossed(packed, buffersOf(packed)))
      expect({ ...after, blocks: after.blocks.map(({ stream: _, ...rest }) => rest) }).toEqual(before)
      for (const [i, { stream, gap, quality }] of after.blocks.entries()) {
        expect(stream).toBe(batch.blocks[i]?.stream)
        expect(batch.blocks[i]?.values.buffer.byteLength, 'was moved, not copied').toBe(0)
        seen.blocks += 1
        if (gap) seen.gaps += 1
        if (quality) seen.quality += 1
      }
      seen.events += after.events?.length ?? 0
    }
    expect(seen.blocks).toBeGreaterThan(200)
    expect(seen.gaps).toBe(2)
    expect(seen.quality).toBeGreaterThan(0)
    expect(seen.events).toBe(1)
  })
})

describe('errors', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', port: 1 })
  const errors = [
    new NotConnectedError('tcp://127.0.0.1:1', 'connection refused', { cause: refused }),
    new TimeoutError('answer to GetSerNo', 1000),
    new ProtocolError('no frames'),
    new GsvError('WriteDataRate', 0x54),
    new DeviceError('SetZero', 0x71, 'no write access'),
    new ShapeMismatchError('gsvSource: link', 9, 8),
    new InUseError('serial:/dev/ttyACM0', 'another program'),
    new MissingDependencyError('serialport', 'serial ports'),
    new RangeError('no such thing'),
    new TypeError('no such thing'),
    new Error('a defect')
  ]
  for (const error of errors) {
    it(`${error.name} ${error.message.slice(0, 30)} keeps its class and all it says`, () => {
      const other = unpackError(crossed(packError(error)))
      expect(other).toBeInstanceOf(Error)
      expect(Object.getPrototypeOf(other)).toBe(Object.getPrototypeOf(error))
      expect(other.name).toBe(error.name)
      expect(other.message).toBe(error.message)
      expect(other.stack).toBe(error.stack)
      expect(Object.entries(other)).toEqual(Object.entries(error))
      expect(other.cause).toEqual(error.cause)
    })
  }
  it('what is thrown and no error becomes one', () => {
    expect(unpackError(crossed(packError('broken')))).toEqual(new Error('broken'))
  })
})
