import { ModelError } from '@messwerk/core/model'
import type { Manifest } from './manifest.ts'
import { readManifest } from './read-manifest.ts'
import { type ProofRows, readProof } from './read-proof.ts'
import { sha256 } from './sha-256.ts'
import { unzip } from './zip.ts'
import { type ZipLimits, zipDirectory } from './zip-directory.ts'

const MANIFEST = 'manifest.json'

/** A model file whose parts have been checked. @internal */
export interface OpenBundle {
  readonly manifest: Manifest
  readonly proof: ProofRows
  /** The bytes of every other file. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/**
 * Unpacks a model file and checks all that can be checked without running it: the archive, the manifest, sizes and digests.
 *
 * @param label - in front of messages: `loadModel: pump.mwz`
 * @throws ModelError
 * @internal
 */
export async function openBundle(archive: Uint8Array, limits: ZipLimits, label: string): Promise<OpenBundle> {
  const entries = zipDirectory(archive, limits, label)
  const first = entries.get(MANIFEST)
  if (first === undefined) throw new ModelError('missing-file', `${label} holds no ${MANIFEST}: it is no model file`)
  const manifest = readManifest(jsonOf(unzip(first, label), `${label}: ${MANIFEST}`), `${label}: ${MANIFEST}: `)
  for (const name of entries.keys())
    if (name !== MANIFEST && !Object.hasOwn(manifest.files, name))
      throw new ModelError('malformed', `${label} holds '${name}', which its manifest does not name`)
  const files = new Map<string, Uint8Array>()
  for (const [name, { bytes, sha256: digest }] of Object.entries(manifest.files)) {
    const entry = entries.get(name)
    if (entry === undefined)
      throw new ModelError('missing-file', `${label} holds no '${name}', which its manifest names`)
    const content = entry.bytes === bytes ? unzip(entry, label) : undefined
    if (content === undefined || (await sha256(content)) !== digest)
      throw new ModelError(
        'hash',
        `${label}: ${name} is not the file that the manifest names: its size or digest is another`
      )
    files.set(name, content)
  }
  const where = `${label}: ${manifest.proof}`
  const proof = readProof(jsonOf(files.get(manifest.proof)!, where), manifest.channels.length, `${where}: `)
  return { manifest, proof, files }
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(textOf(bytes))
  } catch (error) {
    throw new ModelError('malformed', `${where} is no JSON: ${(error as Error).message.slice(0, 200)}`, {
      cause: error
    })
  }
}

/** @throws TypeError when it is no UTF-8 @internal */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
