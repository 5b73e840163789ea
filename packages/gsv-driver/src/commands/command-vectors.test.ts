import { describe, expect, it } from 'vitest'
import { bytesOf, REQUESTS as REQUEST_FRAMES, RESPONSES as RESPONSE_FRAMES } from '../codec/vectors.ts'
import { LEGACY_REQUESTS, LEGACY_RESPONSES, REQUESTS, RESPONSES, STATUSES } from './command-vectors.ts'
import * as payload from './index.ts'
import {
  type CommandName,
  commandByCode,
  decodeAnswer,
  decodeParameters,
  decodeRequest,
  decodeResponse,
  encodeAnswer,
  encodeParameters,
  GsvError,
  isSuccess
} from './index.ts'

const encodeRequest = payload.encodeRequest as (name: string, ...rest: unknown[]) => Uint8Array
const encodeResponse = payload.encodeResponse as (name: string, ...rest: unknown[]) => Uint8Array

/** Bytes of a vector: its own, or those of the codec's vector with that name. */
function frameOf(vectors: readonly { name: string; bytes: string }[], key: string, own?: string): Uint8Array {
  return bytesOf(own ?? vectors.find(({ name }) => name === key)?.bytes ?? '')
}

/** Payload of a frame; the framing has tests of its own. */
function payloadOf(frame: Uint8Array): Uint8Array {
  const crc = (frame[1] as number) & 0x20 ? 1 : 0
  return frame.subarray(3, frame.length - 1 - crc)
}

describe('requests', () => {
  it.each(Object.entries(REQUESTS))('%s', (key, { frame, name, values = {}, model = 'gsv-8', alternative }) => {
    const bytes = frameOf(REQUEST_FRAMES, key, frame)
    const options = { model, ...(alternative && { alternative }) }
    expect(commandByCode(bytes[2] as number, model)?.name).toBe(name)
    expect(encodeRequest(name, values, options)).toEqual(payloadOf(bytes))
    expect(decodeRequest(name as CommandName, payloadOf(bytes), { model })).toEqual(values)
  })
})

describe('answers', () => {
  it.each(Object.entries(RESPONSES))('%s', (key, { frame, name, values = {}, model = 'gsv-8' }) => {
    const bytes = payloadOf(frameOf(RESPONSE_FRAMES, key, frame))
    expect(encodeResponse(name, values, { model })).toEqual(bytes)
    expect(decodeResponse(name as CommandName, bytes, { model })).toEqual(values)
  })

  it.each(Object.entries(STATUSES))('%s', (key, status) => {
    expect(frameOf(RESPONSE_FRAMES, key)[2]).toBe(status)
    expect(isSuccess(status)).toBe(status === 1)
    expect(new GsvError('WriteDataRate', status).statusName).toMatch(/^ERR_/)
  })
})

it('none of the vectors is left out', () => {
  expect(REQUEST_FRAMES.filter(({ name }) => !REQUESTS[name])).toEqual([])
  expect(RESPONSE_FRAMES.filter(({ name }) => !RESPONSES[name] && STATUSES[name] === undefined)).toEqual([])
})

describe('legacy', () => {
  it.each(Object.entries(LEGACY_REQUESTS))('request %s', (_, { frame, name, values = {}, model }) => {
    const bytes = bytesOf(frame)
    const command = commandByCode(bytes[0] as number, model)
    expect(command?.name).toBe(name)
    expect(encodeParameters(command!, values)).toEqual(bytes.subarray(1))
    expect(decodeParameters(command!, bytes.subarray(1))).toEqual(values)
  })

  it.each(Object.entries(LEGACY_RESPONSES))('answer %s', (_, { frame, name, values = {}, model }) => {
    const command = payload.legacyCommands[model as 'gsv-3' | 'gsv-4'].find((row) => row.name === name)!
    expect(encodeAnswer(command, values)).toEqual(bytesOf(frame))
    expect(decodeAnswer(command, bytesOf(frame))).toEqual(values)
  })
})
