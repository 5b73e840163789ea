import type { DetectorSpec } from '@messwerk/core/model'
import {
  auto,
  autoencoder,
  cusum,
  ewmaChart,
  halfSpaceTrees,
  isolationForest,
  localOutlierFactor,
  matrixProfile,
  nearestNeighbour,
  pageHinkley,
  randomCutForest,
  robustZ,
  spe,
  subWindowPca,
  t2,
  zScore
} from '@messwerk/detectors'
import type { Candidate, Protocol } from './corpus.ts'

type Options = Readonly<Record<string, unknown>>

/** A detector of the library and the options it is measured with. */
interface Entry {
  readonly name: string
  readonly isSeeded?: boolean
  /** How its score grows with the distance from normal. @defaultValue 'distance' */
  readonly scale?: Candidate['scale']
  /** Corpora (with or without a protocol) it is measured on unless asked for by name. */
  readonly on: readonly string[]
  options?(corpus: string, protocol: Protocol): Options
}

const ADBENCH = ['adbench/unsupervised', 'adbench/normals']
const ITEMS = ['hydraulic', 'gearbox', 'cwru', 'itsc', 'metropt']
const TABULAR = [...ADBENCH, ...ITEMS]
const SERIES = ['skab', 'smd/normals', 'asd/normals', 'nasa-telemetry/normals', 'tep']
const STREAMS = ['adbench/streaming', 'smd/streaming', 'asd/streaming', 'nasa-telemetry/streaming']

const WITH_NORMALS = ['normals']

/** Options are the defaults of the library but where they are given here; docs/benchmarks.md tells why. */
const ENTRIES: readonly Entry[] = [
  {
    name: 'zScore',
    on: [...TABULAR, ...SERIES, ...STREAMS, 'nab', 'ims'],
    options: (corpus) => (corpus === 'nab' ? { window: { scans: 1500 } } : {})
  },
  { name: 'robustZ', on: [...TABULAR, ...SERIES, 'nab', 'ims'] },
  { name: 't2', scale: 'squared', on: [...TABULAR, ...SERIES], options: elevenOfTep },
  { name: 'spe', scale: 'squared', on: [...ITEMS, ...SERIES], options: elevenOfTep },
  { name: 'isolationForest', isSeeded: true, scale: 'bounded', on: [...TABULAR, ...SERIES] },
  {
    name: 'nearestNeighbour',
    isSeeded: true,
    on: [...TABULAR, ...SERIES, ...STREAMS],
    options: (_, protocol) => (WITH_NORMALS.includes(protocol) ? { k: 2 } : {})
  },
  { name: 'localOutlierFactor', isSeeded: true, on: ITEMS },
  { name: 'auto', isSeeded: true, scale: 'bounded', on: [...ITEMS, ...SERIES] },
  { name: 'autoencoder', isSeeded: true, on: ['skab', 'smd/normals'], options: tenEpochsOfSmd },
  // windows of 8 scans
  { name: 'autoencoderOfWindows', isSeeded: true, on: ['skab', 'smd/normals'], options: tenEpochsOfSmd },
  { name: 'halfSpaceTrees', isSeeded: true, on: STREAMS },
  { name: 'randomCutForest', isSeeded: true, on: ['nab'] },
  { name: 'subWindowPca', on: ['nab'] },
  { name: 'matrixProfile', on: ['nab'] },
  { name: 'ewmaChart', on: ['ims'] },
  { name: 'pageHinkley', on: [] },
  // its sums stop at twice h, and the limit here comes from what was learned
  { name: 'cusum', on: ['ims'], options: (corpus) => (corpus === 'ims' ? { h: 100 } : {}) }
]

/** As in the literature on this process. */
function elevenOfTep(corpus: string): Options {
  return corpus === 'tep' ? { components: 11 } : {}
}

/** Its train parts have 24 000 rows each: 7 500 steps, where SKAB's 400 rows make 1 200 in a hundred epochs. */
function tenEpochsOfSmd(corpus: string): Options {
  return corpus === 'smd' ? { epochs: 10 } : {}
}

/** Channels beyond which learning takes minutes: the decomposition grows with their third power. */
const WIDEST: Readonly<Record<string, number>> = { t2: 500, spe: 500, auto: 500 }

type Factory = (options: Options) => DetectorSpec
const factories: Readonly<Record<string, Factory | undefined>> = {
  auto,
  autoencoder,
  autoencoderOfWindows: (options) => autoencoder(Object.assign({ window: { scans: 8 } }, options)),
  cusum,
  ewmaChart,
  halfSpaceTrees,
  isolationForest,
  localOutlierFactor,
  matrixProfile,
  nearestNeighbour,
  pageHinkley,
  randomCutForest,
  robustZ,
  spe,
  subWindowPca,
  t2,
  zScore
}

/** Names of the detectors that can be measured. */
export const detectorNames = (): string[] => ENTRIES.map(({ name }) => name).filter((name) => factories[name])

/** The detectors that a corpus is measured with, or the one asked for. */
export function candidatesFor(corpus: string, protocol: Protocol, asked?: string): Candidate[] {
  const wanted = ENTRIES.filter(({ name, on }) =>
    asked === undefined ? on.includes(corpus) || on.includes(`${corpus}/${protocol}`) : name === asked
  )
  return wanted.flatMap(({ name, isSeeded = false, scale = 'distance', options }) => {
    const factory = factories[name]
    if (factory === undefined) return []
    const fixed = options?.(corpus, protocol) ?? {}
    const mostChannels = WIDEST[name] ?? Number.POSITIVE_INFINITY
    return [
      { name, isSeeded, scale, mostChannels, spec: (seed: number) => factory(isSeeded ? { ...fixed, seed } : fixed) }
    ]
  })
}
