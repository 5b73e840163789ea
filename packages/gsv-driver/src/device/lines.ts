import { type DioType, dioTypeCode, dioTypeOf } from '../commands/index.ts'
import { changeSettings } from './change-settings.ts'
import type { GsvSession } from './gsv-session.ts'

/**
 * Digital lines of a device. Lines are numbered from 1: 16 of a GSV-8, in four groups that are all inputs or all
 * outputs; of a GSV-6 1 to 3 are outputs, 4 and 5 inputs.
 *
 * Everything that is kept by the device is read first and written only where it differs; `true` says that it was.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv().link() })
 * await gsv.lines.setDirection(1, 'out')
 * await gsv.lines.setType(1, { function: 'threshold', channel: 3 }) // => true
 * await gsv.lines.setThresholds(1, { lower: 0.9, upper: 1.1 }) // => true
 * await gsv.lines.type(1) // => { function: 'threshold', inverted: false, mirrored: false, channel: 3 }
 * await gsv.close()
 * ```
 */
export interface GsvLines {
  /** Direction of a group of four lines, 1 to 4; GSV-8. */
  direction(group: number): Promise<'in' | 'out'>
  /** Before the type of its lines. Resolves with whether it was another. */
  setDirection(group: number, direction: 'in' | 'out'): Promise<boolean>
  /** What a line does, and the channel that it looks at. */
  type(line: number): Promise<DioType & { readonly channel: number }>
  /** Resolves with whether it was another. */
  setType(line: number, type: Partial<DioType> & { readonly channel?: number }): Promise<boolean>
  /** Levels of all lines; the first is line 1. Never inverted. */
  levels(): Promise<readonly (0 | 1)[]>
  /** Sets a general purpose output; it is not stored. */
  setLevel(line: number, level: 0 | 1): Promise<void>
  /** Of a threshold switch or window comparator, in the unit of its channel. */
  thresholds(line: number): Promise<{ readonly lower: number; readonly upper: number }>
  /** Resolves with whether they were others. */
  setThresholds(line: number, thresholds: { readonly lower: number; readonly upper: number }): Promise<boolean>
}

/** @internal */
export function linesOf(session: GsvSession): GsvLines {
  const change = async (key: string, value: number | readonly number[]): Promise<boolean> =>
    (await changeSettings(session, { [key]: value }, false)).length > 0
  const threshold = async (line: number, which: number): Promise<number> =>
    (await session.command('ReadDIOthreshold', { line, which })).threshold
  return {
    direction: async (group) => ((await session.command('GetDIOdirection', { group })).direction === 0 ? 'out' : 'in'),
    async setDirection(group, direction) {
      const wanted = direction === 'in' ? 1 : 0
      if ((await session.command('GetDIOdirection', { group })).direction === wanted) return false
      await session.command('SetDIOdirection', { group, direction: wanted })
      return true
    },
    async type(line) {
      const { type, channel } = await session.command('GetDIOtype', { line })
      return { ...dioTypeOf(type), channel }
    },
    setType: async (line, type) => {
      const { function: does, inverted = false, mirrored = false, channel = 0 } = type
      return change(`lines.${line}.type`, [dioTypeCode({ function: does, inverted, mirrored }), channel])
    },
    async levels() {
      const { level } = await session.command('GetDIOlevel', { line: 0 })
      return Array.from({ length: session.model === 'gsv-8' ? 16 : 5 }, (_, i) => ((level >> i) & 1) as 0 | 1)
    },
    setLevel: async (line, level) => void (await session.command('SetDIOlevel', { line, level })),
    thresholds: async (line) => ({ lower: await threshold(line, 0), upper: await threshold(line, 1) }),
    setThresholds: (line, { lower, upper }) => change(`lines.${line}.thresholds`, [lower, upper])
  }
}
