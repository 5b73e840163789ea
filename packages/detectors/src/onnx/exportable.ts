import type { Snapshot } from '@messwerk/core/model'
import { Reconstruction } from '../autoencoder/reconstruction.ts'
import type { SettledOptions } from '../autoencoder/settled-options.ts'
import { SnapshotReader } from '../detector/snapshot-reader.ts'
import { restoredForest } from '../isolation-forest/forest.ts'
import { type Activation, activations } from '../network/activation.ts'
import { PcaForm } from '../pca/pca-form.ts'
import type { GraphBuilder } from './graph-builder.ts'
import type { GraphRows } from './graph-rows.ts'
import { writeForest } from './write-forest.ts'
import { awayFrom, writeForm, writeFormShares } from './write-form.ts'
import { writeReconstruction } from './write-reconstruction.ts'

/** A learned model of which the graph can be written. @internal */
export interface Exportable {
  readonly kind: string
  /** Those that it uses, in the order of the columns of its input. */
  readonly channels: readonly string[]
  /** Scans that one score is of; absent = one, and the input has no axis for them. */
  readonly window?: number
  /** Whether its score is that of an isolation forest, which scikit-learn gives with the other sign. */
  readonly hasScoreSamples?: boolean
  write(graph: GraphBuilder, rows: GraphRows): Scored
}

/** Values of a graph. @internal */
export interface Scored {
  /** Double [N, 1]; what it is where a value is not finite does not matter. */
  readonly score: string
  /** Double [N, channels], from the final score; absent = the model has none that a graph would give exactly. */
  readonly contributions?: (score: string) => string
}

type FromSnapshot = (snapshot: Snapshot) => Exportable

/** By the kind of the snapshot. */
const kinds: Readonly<Record<string, FromSnapshot>> = {
  'isolation-forest': forestOf,
  autoencoder: reconstructionOf,
  t2: (snapshot) => formOf(snapshot, false),
  spe: (snapshot) => formOf(snapshot, true)
}

/** Residuals in fewer directions are shared by their squares alone. */
const PAIR_DIRECTIONS = 3

/** @throws RangeError when the kind cannot be written, or nothing was learned @internal */
export function exportableOf(snapshot: Snapshot): Exportable {
  const { kind } = Object(snapshot) as { kind?: unknown }
  const from = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (from) return from(snapshot)
  throw new RangeError(
    `toOnnx: the model must be of a kind that can be written (${Object.keys(kinds).join(', ')}), or a scaler, got ${String(kind)}`
  )
}

function forestOf(snapshot: Snapshot): Exportable {
  const reader = new SnapshotReader(snapshot, 'isolation-forest', 1)
  const channels = reader.names('used')
  if (reader.whole('grown') === 0) refuseUnlearned('isolation-forest')
  const forest = restoredForest(reader, channels.length)
  return {
    kind: 'isolation-forest',
    channels,
    hasScoreSamples: true,
    write: (graph, rows) => ({ score: writeForest(graph, rows, forest) })
  }
}

function reconstructionOf(snapshot: Snapshot): Exportable {
  const reader = new SnapshotReader(snapshot, 'autoencoder', 1)
  const channels = reader.names('used')
  const scans = reader.whole('scans')
  if (scans === 0) refuseUnlearned('autoencoder')
  const { activation, output } = Object(Object(snapshot.state).settings) as Record<string, unknown>
  if (!(isActivation(activation) && isActivation(output))) return reader.refuse('its settings hold no activations')
  const learned = Reconstruction.restored(reader, channels.length, scans * channels.length, {
    activation,
    output
  } as SettledOptions)
  const exportable: Exportable = {
    kind: 'autoencoder',
    channels,
    write: (graph, rows) => writeReconstruction(graph, rows, learned)
  }
  return scans === 1 ? exportable : Object.assign(exportable, { window: scans })
}

function isActivation(text: unknown): text is Activation {
  return (activations as readonly unknown[]).includes(text)
}

function formOf(snapshot: Snapshot, hasPairs: boolean): Exportable {
  const { kind } = snapshot
  const reader = new SnapshotReader(snapshot, kind, 1)
  const channels = reader.names('used')
  if (reader.whole('scans') === 0) refuseUnlearned(kind)
  const { parts } = PcaForm.restored(reader, channels.length, hasPairs).form
  const root = reader.floats('root', parts.live ** 2)
  const isExact = !hasPairs || parts.height < PAIR_DIRECTIONS
  return {
    kind,
    channels,
    write(graph, rows) {
      const away = awayFrom(graph, rows, parts)
      const score = writeForm(graph, away, parts)
      if (!isExact) return { score }
      return { score, contributions: (final) => writeFormShares(graph, away, final, parts, root) }
    }
  }
}

function refuseUnlearned(kind: string): never {
  throw new RangeError(`toOnnx: the model must have learned, got a detector of kind ${kind} that is not ready`)
}
