import { DeviceError, NotConnectedError } from '@messwerk/core/model'
import type { DataValueOptions, StatusCode, WriteValueOptions } from 'node-opcua-client'
import type { DueWrite } from './due-writes.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { OpcuaSession } from './opcua-session.ts'

/** What passes: the device behind the server is away, or the server is busy. */
const PASSES =
  /^Bad(NotConnected|DeviceFailure|NoCommunication|CommunicationError|OutOfService|WaitingForInitialData|ServerHalted|Shutdown|ResourceUnavailable|OutOfMemory|TooManyOperations|InternalError|Timeout|InvalidState)$/
const MOST_NODES = 200

/** Where values go. @internal */
export interface WriteTarget {
  readonly session: OpcuaSession
  readonly lib: OpcuaLibrary
  readonly url: string
  readonly withTime: boolean
}

/** A refusal that passes. @internal */
export interface Passing {
  readonly item: number
  readonly error: NotConnectedError
}

/**
 * Writes the values of one request; what the server refuses is named by its item.
 *
 * @param wrote - told of each value that the server has taken
 * @returns the item of which a value may be taken later, and why not now @internal
 */
export async function writeValues(
  request: readonly DueWrite[],
  target: WriteTarget,
  failed: Map<number, Error>,
  wrote: (due: DueWrite) => void
): Promise<Passing | undefined> {
  let passing: Passing | undefined
  for (let i = 0; i < request.length; i += MOST_NODES) {
    const some = request.slice(i, i + MOST_NODES)
    const statuses = await target.session.write(some.map((due) => toWrite(due, target)))
    for (const [k, due] of some.entries()) {
      const status = statuses[k] as StatusCode
      if (status.isGood()) wrote(due)
      else {
        const error = refused(due, status, target.url)
        failed.set(due.item, error)
        if (error instanceof NotConnectedError) passing ??= { item: due.item, error }
      }
    }
  }
  return passing
}

function toWrite({ node, value, time }: DueWrite, { lib, withTime }: WriteTarget): WriteValueOptions {
  const data: DataValueOptions = {
    value: {
      dataType: lib.DataType[node.type as keyof typeof lib.DataType] as number,
      arrayType: lib.VariantArrayType.Scalar,
      value
    },
    statusCode: lib.StatusCodes.Good
  }
  if (withTime) {
    const ms = time / 1_000_000n
    data.sourceTimestamp = new Date(Number(ms))
    data.sourcePicoseconds = Number(time - ms * 1_000_000n) * 1000
  }
  return { nodeId: node.nodeId, attributeId: lib.AttributeIds.Value, value: data }
}

function refused({ node: { plan } }: DueWrite, { name, value }: StatusCode, url: string): Error {
  const what = `${plan.stream}, ${plan.name} (${plan.text})`
  if (PASSES.test(name)) return new NotConnectedError(url, `${what}: ${name}`)
  const hint = name === 'BadWriteNotSupported' ? `${name}: it may not take a source time; see time` : name
  return new DeviceError(`the write of ${what}`, value, hint)
}
