import { ProtocolError } from '@messwerk/core/model'
import type { Namespace, Root, Type } from 'protobufjs'
import { loadLibrary } from '../connection/load-library.ts'
import type { RegisteredSchema } from './schema-registry.ts'

/**
 * The library for Protobuf: what `import protobuf from 'protobufjs'` gives.
 *
 * @example
 * ```ts
 * import { protobuf, type ProtobufLibrary } from '@messwerk/transports/codecs'
 *
 * const proto = 'syntax = "proto3"; message R { double t = 1; }'
 * const reading = (lib: ProtobufLibrary) => protobuf({ proto, message: 'R', channels: { t: 'Cel' }, lib })
 * reading.length // => 1
 * ```
 */
export type ProtobufLibrary = Pick<typeof import('protobufjs'), 'parse' | 'Root' | 'Type' | 'Namespace' | 'common'>

/** @throws MissingDependencyError @internal */
export function loadProtobufjs(lib: ProtobufLibrary | undefined): Promise<ProtobufLibrary> {
  return loadLibrary(lib, 'protobufjs', 'parse', 'Protobuf payloads', () => import('protobufjs'))
}

/** The messages of a .proto file. @internal */
export interface ProtoFile {
  readonly root: Root
  /** The package that the file declares; the root where it declares none. */
  readonly top: Namespace
  /** Of the file itself, in their order. */
  readonly messages: readonly Type[]
}

/** @throws Error of the library @internal */
export function protoFile(
  lib: ProtobufLibrary,
  text: string,
  references: RegisteredSchema['references'] = []
): ProtoFile {
  const root = new lib.Root()
  const main = lib.parse(text, root, { keepCase: true })
  const top = main.package === undefined ? root : (root.lookup(main.package) as Namespace)
  // before others are added: files may share a package
  const messages = typesOf(lib, top)
  const imports = new Set(main.imports)
  for (const { schema } of references) {
    for (const name of lib.parse(schema, root, { keepCase: true }).imports ?? []) imports.add(name)
  }
  for (const name of imports) {
    const known = lib.common.get(name)
    if (known?.nested) root.addJSON(known.nested)
  }
  root.resolveAll()
  return { root, top, messages }
}

/** The message of a file by its name, with or without the package. @throws Error @internal */
export function messageType(lib: ProtobufLibrary, { root, top, messages }: ProtoFile, name: string): Type {
  const found = top.lookup(name, [lib.Type]) ?? root.lookup(name, [lib.Type])
  if (found instanceof lib.Type) return found
  throw new Error(`there is no message '${name}'; there are: ${messages.map((one) => one.name).join(', ')}`)
}

/** The message that indexes name. @throws Error @internal */
export function typeAt(lib: ProtobufLibrary, { messages }: ProtoFile, path: readonly number[]): Type {
  let among = messages
  let found: Type | undefined
  for (const index of path) {
    found = among[index]
    if (!found) throw new Error(`has the message indexes ${path.join(', ')}, and its schema no such message`)
    among = typesOf(lib, found)
  }
  return found as Type
}

/** The indexes of a message. @internal */
export function pathTo(lib: ProtobufLibrary, { messages }: ProtoFile, type: Type): number[] {
  const parent = type.parent
  const index = parent instanceof lib.Type ? typesOf(lib, parent).indexOf(type) : messages.indexOf(type)
  if (index < 0) throw new Error(`the message '${type.name}' is not of the file itself`)
  return parent instanceof lib.Type ? pathTo(lib, { messages } as ProtoFile, parent).concat(index) : [index]
}

/** @throws ProtocolError @internal */
export function registeredProto(lib: ProtobufLibrary, { type, schema, references }: RegisteredSchema): ProtoFile {
  if (type !== 'PROTOBUF') throw new ProtocolError(`it is of type ${type}, not PROTOBUF`)
  try {
    return protoFile(lib, schema, references)
  } catch (error) {
    throw new ProtocolError((error as Error).message, { cause: error })
  }
}

function typesOf(lib: ProtobufLibrary, { nestedArray }: Namespace): Type[] {
  return nestedArray.filter((one): one is Type => one instanceof lib.Type)
}
