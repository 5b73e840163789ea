import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../model/block-builder.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { operator } from '../rx/operator.ts'
import { faultyTwins, total } from './fixtures/operator-twins.ts'
import { type OperatorSubject, operatorChecks } from './operator-checks.ts'
import { operatorSuite } from './operator-suite.ts'

const a = Array.from({ length: 40 }, (_, i) => Math.sin(i) + 1)
const blocks = [blockOf({ stream: 's', channels: { a: 'V', b: 'V' }, rate: 1000 }, { a, b: a.map((x) => -x) })]

const throwing = () =>
  total(() => {
    throw new Error('of the callback')
  })

operatorSuite('a running total', { operator: () => total(), blocks, throwing }, { describe, it })

describe('faulty twins', () => {
  const numbers = [...operatorChecks({ operator: () => total(), blocks, throwing })].map(
    (check) => check.name.split(' ')[0]
  )

  it('has one for every check', () => {
    expect(faultyTwins.map((twin) => twin.fails)).toEqual(numbers)
  })

  it.each(faultyTwins)('$fails alone notices one that $fault', (twin) => {
    const subject: OperatorSubject = { operator: twin.make, blocks, throwing: twin.throwing ?? throwing }
    const failed = [...operatorChecks(subject)].filter((check) => {
      try {
        void check.run()
        return false
      } catch (error) {
        expect(error).toBeInstanceOf(AssertionError)
        return true
      }
    })
    expect(failed.map((check) => check.name.split(' ')[0])).toEqual([twin.fails])
  })
})

describe('a kernel without a snapshot', () => {
  const failures = (kernel: (stream: Stream) => Kernel): string[] => {
    const failed: string[] = []
    for (const { name, run } of operatorChecks({ operator: () => operator({ id: 'x', kernel }), blocks })) {
      try {
        void run()
      } catch (error) {
        failed.push(`${name.split(' ')[0]}: ${(error as Error).message.split('\n')[0]}`)
      }
    }
    return failed
  }

  it('may have no state', () => {
    expect(failures((output) => ({ output, process: (block) => block }))).toEqual([])
  })

  it('is noticed where it has some', () => {
    const counting = (output: Stream): Kernel => {
      let count = 0
      return {
        output,
        process: ({ length, values, time, origin }) => {
          const counted = values.map((value, i) => (i < length ? count + i : value))
          count += length
          return { stream: output, length, values: counted, time, quality: undefined, gap: undefined, origin }
        }
      }
    }
    expect(failures(counting)).toEqual([
      expect.stringMatching(/^O11: it has no snapshot, and what it gives depends on the blocks before \(cut after 1\)/)
    ])
  })
})

describe('operatorSuite', () => {
  it('skips with the reason', () => {
    const skipped: string[] = []
    const ran: string[] = []
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: Object.assign((name: string) => ran.push(name), { skip: (name: string) => skipped.push(name) })
    }
    operatorSuite('x', { operator: () => total(), blocks, skip: { O6: 'never ends' } }, runner)
    expect(skipped).toEqual(['O6 unsubscribes from its source (never ends)'])
    expect(ran).toHaveLength(11)
  })

  it('says what is missing where the runner has no globals', () => {
    expect(() => operatorSuite('x', { operator: () => total(), blocks })).toThrow(/runner must be \{ describe, it \}/)
  })

  it('refuses to check with next to nothing', () => {
    const short = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })
    expect(() => [...operatorChecks({ operator: () => total(), blocks: [short] })]).toThrow(/at least 4 scans/)
  })
})
