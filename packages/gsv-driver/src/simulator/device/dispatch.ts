import {
  accessOf,
  type CommandName,
  decodeParameters,
  encodeAnswer,
  type FieldValues,
  type GsvCommand,
  GsvError,
  gsvCommands,
  type RequestOf,
  type ResponseOf
} from '../../commands/index.ts'
import { calculationHandlers } from './calculation-handlers.ts'
import type { FramedDevice } from './framed-device.ts'
import { lineHandlers } from './line-handlers.ts'
import { Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'
import { signalHandlers } from './signal-handlers.ts'
import { stateHandlers } from './state-handlers.ts'
import { streamHandlers } from './stream-handlers.ts'

/** What carries commands out: returns the answer, another status than 0, or nothing. @internal */
export type Handlers = {
  readonly [N in CommandName]?: (device: FramedDevice, request: RequestOf<N>) => ResponseOf<N> | number | undefined
}

type Handler = (device: FramedDevice, request: FieldValues) => FieldValues | number | undefined

const HANDLERS: Handlers = {
  ...stateHandlers,
  ...streamHandlers,
  ...signalHandlers,
  ...calculationHandlers,
  ...lineHandlers
}

/** What a command led to; undefined where the device answers nothing. @internal */
export interface Outcome {
  readonly status: number
  readonly data: ArrayLike<number>
}

/**
 * Carries a command out by its row in the table: whether the model has it, what its parameters are, who may use it, and
 * when it takes effect.
 *
 * @internal
 */
export function dispatch(device: FramedDevice, code: number, parameters: Uint8Array): Outcome | undefined {
  try {
    const command = commandOf(device, code)
    const request = decodeParameters(command, parameters)
    admit(device, command)
    const answer = run(device, command, request)
    if (command.answer) return undefined
    const status = typeof answer === 'number' ? answer : 0
    return { status, data: typeof answer === 'object' ? encodeAnswer(command, answer, request) : [] }
  } catch (error) {
    if (error instanceof Refusal || error instanceof GsvError) return { status: error.status, data: [] }
    throw error
  }
}

function commandOf(device: FramedDevice, code: number): GsvCommand {
  const command = device.knows(code)
  if (command) return command
  throw new Refusal(gsvCommands.some((row) => row.code === code) ? 0x41 : 0x40)
}

/** @throws Refusal when this host may not use the command now */
function admit(device: FramedDevice, command: GsvCommand): void {
  const access = accessOf(command, device.model.name)
  if (access === 'manufacturer' && device.idState !== 0x10) throw new Refusal(0x72)
  if (access === 'user' && device.idState === 0) throw new Refusal(0x72)
  if (access === 'open') return
  if (device.settings.locked) throw new Refusal(0x71)
  if (device.owner === 'other') throw new Refusal(0x75)
  device.owner = 'this'
}

function run(device: FramedDevice, command: GsvCommand, request: FieldValues): FieldValues | number | undefined {
  const handler = HANDLERS[command.name as CommandName] as Handler | undefined
  if (!handler) throw new Refusal(0x41)
  if (command.direction === 'read') return handler(device, request)
  return command.reset && device.model.name === 'gsv-6'
    ? later(device, handler, request)
    : now(device, handler, request)
}

/** Takes effect at once, and is kept. */
function now(device: FramedDevice, handler: Handler, request: FieldValues): FieldValues | number | undefined {
  const { settings } = device
  const answer = handler(device, request)
  // loading a configuration replaces the settings, and keeps or does not keep them itself
  if (device.settings === settings) device.keep()
  device.update()
  return answer
}

/** A GSV-6 takes the setting over at its next start. */
function later(device: FramedDevice, handler: Handler, request: FieldValues): FieldValues | number | undefined {
  const { settings: active, stored: before } = device
  device.settings = structuredClone(before)
  try {
    const answer = handler(device, request)
    device.stored = device.settings
    for (const key of Object.keys(before) as (keyof Settings)[]) {
      if (JSON.stringify(before[key]) !== JSON.stringify(device.stored[key])) device.waiting.add(key)
    }
    return answer
  } finally {
    device.settings = active
    device.update()
  }
}
