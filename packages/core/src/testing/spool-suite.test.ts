import { describe, expect, it } from 'vitest'
import type { Batch, Spool, SpoolRecord } from '../model/index.ts'
import { openSpool } from '../node/spool/file-spool.ts'
import { memoryFiles } from '../node/spool/fixtures/memory-files.ts'
import { checkedLimits, type SpoolOptions } from '../node/spool/spool-options.ts'
import { type SpoolPlace, spoolChecks, spoolSuite } from './spool-suite.ts'

function place(
  change: (spool: Spool, opened: number, kept: Map<string, unknown>) => Partial<Spool> = () => ({})
): SpoolPlace {
  const files = memoryFiles()
  const kept = new Map<string, unknown>()
  let opened = 0
  return {
    open: async () => {
      const options: SpoolOptions = { path: 'spool', fsync: 'each', bytes: '16KiB', segment: '1KiB', files }
      const spool = await openSpool(options, checkedLimits(options, 'fileSpool'))
      opened += 1
      const changed = change(spool, opened, kept)
      return new Proxy(spool, {
        get(target, name) {
          const own = Object.getOwnPropertyDescriptor(changed, name)
          if (own) return own.get ? own.get.call(changed) : own.value
          const value = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        }
      }) as Spool
    }
  }
}

async function* mapped(
  records: AsyncIterable<SpoolRecord>,
  change: (record: SpoolRecord, i: number) => SpoolRecord | undefined
) {
  let i = 0
  for await (const record of records) {
    const made = change(record, i++)
    if (made) yield made
  }
}

async function failedRules(on: () => Promise<SpoolPlace>): Promise<string[]> {
  const failed: string[] = []
  for (const check of spoolChecks({ place: on })) {
    try {
      await check.run()
    } catch {
      failed.push(check.name.split(' ')[0] as string)
    }
  }
  return failed
}

spoolSuite('fileSpool', { place: async () => place() }, { describe, it })

describe('spoolChecks', () => {
  const twins: [string, string, Parameters<typeof place>[0]][] = [
    ['L1', 'forgets when a batch arrived', (spool) => ({ append: (batch: Batch) => spool.append(batch, 6) })],
    [
      'L2',
      'loses the first batch when it is opened again',
      (spool, opened) => ({
        read: (options) =>
          mapped(spool.read(options), (record) =>
            opened > 1 && options?.from === undefined && record.position === 1 ? undefined : record
          )
      })
    ],
    [
      'L3',
      'counts anew',
      (spool, opened) => ({ append: async (batch, at) => (opened > 1 ? 1 : spool.append(batch, at)) })
    ],
    [
      'L4',
      'repeats the position itself',
      (spool) => ({ read: (o) => spool.read(o?.from === 3 ? { ...o, from: 2 } : o) })
    ],
    ['L5', 'does not follow', (spool) => ({ read: (options) => spool.read({ ...options, follow: false }) })],
    [
      'L6',
      'releases one too many',
      (spool, _, kept) => ({
        release: async (to) => void kept.set('to', to + 1),
        read: (options) =>
          mapped(spool.read(options), (record) =>
            record.position <= ((kept.get('to') as number) ?? 0) ? undefined : record
          )
      })
    ],
    ['L7', 'forgets ids', () => ({ hasSeen: () => false })],
    ['L8', 'forgets its cursor', (_, opened) => (opened > 1 ? { cursor: undefined } : {})],
    [
      'L9',
      'fails when it is closed twice',
      (spool) => {
        let closed = 0
        return {
          close: async () => {
            closed += 1
            if (closed > 1) throw new Error('closed')
            await spool.close()
          }
        }
      }
    ],
    [
      'L10',
      'keeps no sequence numbers',
      (spool) => ({ append: ({ sequences: _, ...batch }, at) => spool.append(batch, at) })
    ]
  ]
  it('L11 alone notices a spool that lets two write', async () => {
    const shared = async (): Promise<SpoolPlace> => {
      const inner = place()
      let open: Promise<Spool> | undefined
      return {
        open: () => {
          open ??= inner.open().then((spool) => {
            const { close } = spool
            return Object.assign(Object.create(spool) as Spool, {
              close: async () => {
                open = undefined
                await close.call(spool)
              }
            })
          })
          return open
        }
      }
    }
    expect(await failedRules(shared)).toEqual(['L11'])
  })

  it.each(twins)(
    '%s alone notices a spool that %s',
    async (rule, _what, change) => {
      expect(await failedRules(async () => place(change))).toEqual([rule])
    },
    30_000
  )
})
