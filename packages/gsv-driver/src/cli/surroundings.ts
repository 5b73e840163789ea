import type { Source } from '@messwerk/core/model'
import type { Gsv } from '../device/gsv.ts'
import type { LegacyGsv } from '../device/legacy/legacy-gsv.ts'
import type { OpenGsvOptions, OpenLegacyOptions } from '../device/open-gsv.ts'
import type { AnySourceOptions } from '../source/read-gsv.ts'
import type { Port } from './ports.ts'

/** How commands reach devices; tests give their own. @internal */
export interface Openers {
  readonly openGsv: {
    (options: OpenGsvOptions): Promise<Gsv>
    (options: OpenGsvOptions | OpenLegacyOptions): Promise<Gsv | LegacyGsv>
  }
  readonly gsvSource: (options: AnySourceOptions) => Source
  readonly ports: () => Promise<readonly Port[]>
}

/** What a command needs of the program around it. @internal */
export interface Surroundings {
  /** What stands behind the name of the command. */
  readonly args: readonly string[]
  /** Results, line by line. */
  readonly out: (line: string) => void
  /** Progress and errors. */
  readonly err: (line: string) => void
  /** Ends the command; what it has is still written. */
  readonly signal: AbortSignal
  readonly openers: Openers
  /** Environment variables, for passwords. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input by lines. */
  readonly input: AsyncIterable<string>
  /** Writes results as they are, where a terminal shows them: it understands cursor movements. */
  readonly screen?: ((text: string) => void) | undefined
  /** The same for progress. */
  readonly progress?: ((text: string) => void) | undefined
  /** Longest silence of a device that transmits, ms. @defaultValue 5000 */
  readonly patienceMs?: number | undefined
  /** Wait before a lost link is opened again, ms. @defaultValue 1000 */
  readonly retryMs?: number | undefined
}

/** One command of the program. @internal */
export interface Command {
  readonly summary: string
  /** All of its help. */
  readonly help: string
  /** @returns the exit code */
  readonly run: (around: Surroundings) => Promise<number>
}
