import { join } from 'node:path'
import { corpora } from './corpora.ts'
import type { Corpus, Protocol } from './corpus.ts'
import { candidatesFor, detectorNames } from './registry.ts'
import { type Report, reportOf } from './report.ts'

/** A command that cannot be run as it was given. */
export class UsageError extends Error {}

export interface Request {
  readonly corpus: string
  /** Folder with one folder for each corpus. */
  readonly data: string
  readonly detector?: string | undefined
  readonly protocol?: string | undefined
  progress?(text: string): void
}

/** Measures the detectors of the library on a corpus. @throws UsageError when a name is unknown */
export function runCorpus({ corpus: name, data, detector, protocol: asked, progress }: Request): Report {
  const corpus = corpora.find((one) => one.name === name)
  if (corpus === undefined) throw new UsageError(`corpus must be one of ${namesOf(corpora)}, got ${name}`)
  const protocol = protocolOf(corpus, asked)
  if (detector !== undefined && !detectorNames().includes(detector))
    throw new UsageError(`--detector must be one of ${detectorNames().join(', ')}, got ${detector}`)
  const outcome = corpus.run({
    folder: join(data, name),
    protocol,
    candidates: candidatesFor(name, protocol, detector),
    progress: (set, of) => progress?.(`${name} ${protocol}: ${set}, ${of}`)
  })
  return reportOf(name, protocol, outcome)
}

function protocolOf({ name, protocols }: Corpus, asked: string | undefined): Protocol {
  if (asked === undefined) return protocols[0]!
  const found = protocols.find((protocol) => protocol === asked)
  if (found === undefined)
    throw new UsageError(`--protocol of ${name} must be one of ${protocols.join(', ')}, got ${asked}`)
  return found
}

export const namesOf = (all: readonly Corpus[]): string => all.map(({ name }) => name).join(', ')
