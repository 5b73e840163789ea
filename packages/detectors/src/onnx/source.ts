import { ModelError } from '@messwerk/core/model'

/** Files beside the model, by the name that the model calls them by. @internal */
export type ExternalFiles = Readonly<Record<string, Uint8Array>> | ReadonlyMap<string, Uint8Array>

/**
 * Where a model comes from: its name in messages, and what lies beside it.
 *
 * @internal
 */
export class Source {
  readonly name: string
  readonly #files: ExternalFiles

  constructor(name: string, files: ExternalFiles = new Map()) {
    this.name = name
    this.#files = files
  }

  unsupported(why: string): never {
    throw new ModelError('unsupported', `${this.name}: ${why}; run the model with onnxDetector`)
  }

  /**
   * The bytes of a tensor that lies in a file of its own: `location`, `offset`, `length`.
   *
   * @throws ModelError when the name leads out of the folder of the model, the file is missing or too short
   */
  external(tensor: string, entries: ReadonlyMap<string, string>, bytes: number): Uint8Array {
    const location = entries.get('location') ?? ''
    const refuse = (why: string): never => {
      throw new ModelError('malformed', `${this.name}: tensor '${tensor}' lies in the file '${location}', ${why}`)
    }
    if (!isPlain(location)) return refuse('which must be a name beside the model')
    const file = this.#file(location)
    if (file === undefined) {
      const what = `${this.name} keeps tensor '${tensor}' in the file '${location}', which was not given`
      throw new ModelError('missing-file', `${what}: pass files: { '${location}': bytes }`)
    }
    const offset = wholeOf(entries.get('offset')) ?? refuse(`its offset is ${entries.get('offset')}`)
    const length = entries.has('length') ? wholeOf(entries.get('length')) : bytes
    if (length !== bytes) return refuse(`of which it takes ${entries.get('length')} bytes, not ${bytes}`)
    if (offset + bytes > file.length) return refuse(`which ends at ${file.length}, before byte ${offset + bytes}`)
    return file.subarray(offset, offset + bytes)
  }

  #file(name: string): Uint8Array | undefined {
    if (this.#files instanceof Map) return this.#files.get(name)
    return Object.hasOwn(this.#files, name) ? (this.#files as Readonly<Record<string, Uint8Array>>)[name] : undefined
  }
}

/** No way out of the folder: neither a path from the root nor a step upwards, in the ways of any system. */
function isPlain(location: string): boolean {
  if (location === '' || location.includes('\0') || location.includes(':')) return false
  const steps = location.split(/[/\\]/)
  return steps.every((step) => step !== '' && step !== '..')
}

function wholeOf(text = '0'): number | undefined {
  const value = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined
}
