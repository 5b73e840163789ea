// What the oracle and the process under test say to each other.

export type SourceName = 'mqtt' | 'gsv' | 'file' | 'kafka'
export type SinkName = 'duckdb' | 'ndjson' | 'failing' | 'kafka'

export const SABOTAGES = [
  'no-directory',
  'forgetful-window',
  'resume-ahead',
  'drop-row',
  'double-row',
  'drop-gap',
  'event-clock'
] as const
export type Sabotage = (typeof SABOTAGES)[number]

/** Settings of the process under test. It knows nothing of ledger, faults and expectations. */
export interface SubjectSettings {
  readonly source: SourceName
  readonly sink: SinkName
  /** Of the broker or the amplifier, or the path of the file. */
  readonly address: string
  /** Records per second, where the source sets the pace. */
  readonly rate: number
  readonly spool: boolean
  /** Of the sinks. */
  readonly delivery: 'required' | 'spooled'
  /** In files of this process, or in a topic that several processes share. */
  readonly checkpoints: 'file' | 'kafka'
  /** What may be taken from the source without being durable. @defaultValue that of the SDK */
  readonly credit?: string | undefined
  /** Where checkpoints and spools are kept. */
  readonly state: string
  /** Where uncertainties of the clock are noted, if the feed wants them. */
  readonly journal?: string | undefined
  /** Where the rows go. */
  readonly store: string
  readonly seed: number
  readonly sabotage?: Sabotage | undefined
}

export type FromSubject =
  /** Its code is loaded; nothing is open yet. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'ready' }
  /** How its parts are doing, whenever that changes. */
  | { readonly kind: 'status'; readonly text: string }
  /** Rows are durable: the time of the newest of each stream that was written. */
  | { readonly kind: 'stored'; readonly newest: Readonly<Record<string, number>>; readonly unsettled: number }
  | { readonly kind: 'done'; readonly unsettled: number; readonly metrics: unknown }
  | { readonly kind: 'failed'; readonly error: string }

export type ToSubject = { readonly kind: 'stop' }
