import { mkdirSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { median, type Row, table } from './table.ts'

/** What one call did: how much, in the unit's own terms, and what came of it (compared between ours and the peer). */
export interface Done {
  readonly work: number
  readonly result?: unknown
  /** How long it took, where preparing it is not what is measured; absent: the whole call counts. */
  readonly seconds?: number
}

/** Does one round of work, from fresh state; at least a millisecond of it, or the clock is what is measured. */
export type Contender = () => Done | Promise<Done>

/** `higher`: a rate such as `Mvalues/s`, work per second. `lower`: a time such as `ns/block`, time per work. */
export type Better = 'higher' | 'lower'

export interface LoneCase {
  readonly unit: string
  readonly better: Better
  readonly ours: Contender
}

export interface VersusCase extends LoneCase {
  readonly peer: Contender
  readonly peerName: string
}

export interface Bench {
  /** Ours against a peer that does the same; their results must be equal. */
  versus(name: string, spec: VersusCase): Promise<void>
  /** What ours takes more than the peer, as a time per work (`ns/block`): the difference of neighbouring runs. */
  overhead(name: string, spec: Omit<VersusCase, 'better'>): Promise<void>
  /** Ours alone, for an absolute bar. */
  lone(name: string, spec: LoneCase): Promise<void>
}

export interface Effort {
  readonly repeats: number
  /** A run repeats its contender for at least this long. */
  readonly seconds: number
  /** Where the JSON goes; absent: nowhere. */
  readonly results?: string
}

/** Runs below 0.4 s and forced collections mislead: V8 drops optimised code, and 1.0 looked like 1.8. */
const measured: Effort = { repeats: 10, seconds: 0.4, results: `${import.meta.dirname}/results` }

/** `--short` only proves that a bench works; its numbers mean nothing and are not kept. */
const short: Effort = { repeats: 2, seconds: 0 }

/**
 * Measures the cases that `define` names, ours and the peer in turns, prints a table and writes `bench/results/<name>.json`.
 *
 * @throws Error when ours and the peer disagree on the result
 */
export async function bench(
  name: string,
  define: (bench: Bench) => Promise<void>,
  effort: Effort = process.argv.includes('--short') ? short : measured
): Promise<readonly Row[]> {
  const rows: Row[] = []
  await define({
    async versus(title, spec) {
      const pairs = await interleaved(title, spec, effort)
      rows.push(
        rowOf(
          title,
          spec,
          pairs.map(([ours]) => ours),
          pairs.map(([, peer]) => peer)
        )
      )
    },
    async overhead(title, spec) {
      const lower = { ...spec, better: 'lower' as const }
      const pairs = await interleaved(title, lower, effort)
      const { ratio, peer } = rowOf(
        title,
        lower,
        pairs.map(([ours]) => ours),
        pairs.map(([, peer]) => peer)
      )
      rows.push({
        ...rowOf(
          title,
          lower,
          pairs.map(([ours, peer]) => ours - peer)
        ),
        ratio,
        peer,
        peerName: spec.peerName
      })
    },
    async lone(title, spec) {
      await timed(spec.ours, spec, effort.seconds)
      const values = []
      for (let i = 0; i < effort.repeats; i++) values.push(await timed(spec.ours, spec, effort.seconds))
      rows.push(rowOf(title, spec, values))
    }
  })
  console.log(table(name, rows))
  if (effort.results) write(effort.results, name, rows)
  return rows
}

/** Pairs of neighbouring runs; who goes first alternates. The first pair only warms up and checks the results. */
async function interleaved(
  title: string,
  spec: VersusCase,
  { repeats, seconds }: Effort
): Promise<[ours: number, peer: number][]> {
  const { result: ours } = await spec.ours()
  const { result: peer } = await spec.peer()
  if (!isDeepStrictEqual(ours, peer))
    throw new Error(`${title}: ours and ${spec.peerName} disagree: ${shown(ours)} and ${shown(peer)}`)
  const pairs: [number, number][] = []
  for (let i = 0; i <= repeats; i++) {
    const oursFirst = i % 2 === 0
    const first = await timed(oursFirst ? spec.ours : spec.peer, spec, seconds)
    const second = await timed(oursFirst ? spec.peer : spec.ours, spec, seconds)
    if (i > 0) pairs.push(oursFirst ? [first, second] : [second, first])
  }
  return pairs
}

/** One run: the contender again and again for `seconds`, as a value in the case's unit. */
async function timed(
  contender: Contender,
  { unit, better }: Pick<LoneCase, 'unit' | 'better'>,
  seconds: number
): Promise<number> {
  let work = 0
  let own = 0
  let elapsed = 0
  const start = performance.now()
  do {
    const done = await contender()
    work += done.work
    own += done.seconds ?? 0
    elapsed = done.seconds === undefined ? (performance.now() - start) / 1000 : own
  } while (elapsed < seconds)
  return better === 'higher' ? work / elapsed : (elapsed * perSecond(unit)) / work
}

/** How many of a time unit make a second: 1e9 for `ns/block`. */
function perSecond(unit: string): number {
  const factor = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }[unit.split('/')[0]!]
  if (!factor) throw new RangeError(`bench: a unit where lower is better begins with s, ms, us or ns, got '${unit}'`)
  return factor
}

function rowOf(
  title: string,
  spec: LoneCase & { peerName?: string },
  ours: readonly number[],
  peer?: readonly number[]
): Row {
  const ratios = peer?.map((other, i) => (spec.better === 'higher' ? ours[i]! / other : other / ours[i]!))
  return {
    case: title,
    unit: spec.unit,
    ours: median(ours),
    peer: peer ? median(peer) : null,
    peerName: peer ? spec.peerName! : null,
    ratio: ratios ? median(ratios) : null,
    min: Math.min(...ours),
    max: Math.max(...ours)
  }
}

function write(folder: string, name: string, rows: readonly Row[]): void {
  mkdirSync(folder, { recursive: true })
  const content = { name, node: process.version, date: new Date().toISOString(), rows }
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(content, null, 2)}\n`)
}

function shown(result: unknown): string {
  return String(typeof result === 'object' ? JSON.stringify(result) : result).slice(0, 200)
}
