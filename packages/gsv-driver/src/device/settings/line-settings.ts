import type { GsvSession } from '../gsv-session.ts'
import { plain, type Setting, same, tidy } from './setting.ts'

/** Digital lines: directions of the groups first, since a line's type must fit its direction. @internal */
export function lineSettings(session: GsvSession): Setting[] {
  const lines = Array.from({ length: session.model === 'gsv-8' ? 16 : 5 }, (_, i) => i + 1)
  return [
    plain(session, {
      key: 'lines.directions',
      reads: 'GetDIOdirection',
      writes: 'SetDIOdirection',
      of: { group: 0 },
      fields: ['direction']
    }),
    ...lines.flatMap((line) => [
      plain(session, {
        key: `lines.${line}.type`,
        reads: 'GetDIOtype',
        writes: 'SetDIOtype',
        of: { line },
        fields: ['type', 'channel']
      }),
      thresholdSetting(session, line)
    ]),
    plain(session, {
      key: 'lines.initialLevels',
      reads: 'GetDIOinitialLevel',
      writes: 'SetDIOinitialLevel',
      of: { line: 0 },
      fields: ['level']
    })
  ]
}

function thresholdSetting(session: GsvSession, line: number): Setting {
  const read = async (): Promise<number[]> => {
    const values: number[] = []
    for (const which of [0, 1])
      values.push(tidy((await session.command('ReadDIOthreshold', { line, which })).threshold))
    return values
  }
  return {
    key: `lines.${line}.thresholds`,
    writes: 'WriteDIOthreshold',
    read,
    async write(value) {
      const before = await read()
      for (const [which, threshold] of (value as readonly number[]).entries()) {
        if (!same(before[which], threshold)) await session.command('WriteDIOthreshold', { line, which, threshold })
      }
    }
  }
}
