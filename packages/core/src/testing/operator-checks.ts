import { deepStrictEqual as equal, fail, ok, strictEqual, throws } from 'node:assert'
import { Observable, of, Subject } from 'rxjs'
import { KernelCell } from '../kernels/kernel-cell.ts'
import type { Block } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Kernel } from '../model/kernel.ts'
import { defineStream } from '../model/stream.ts'
import type { Operator } from '../rx/operator.ts'
import { blockText } from './block-text.ts'
import { copyOfBlock, cutUp, emitted, later, ofStream, type Scan, scansOf, withGap } from './operator-blocks.ts'
import { type Check, checksOf, type Skips } from './suite.ts'

/**
 * Any operator, whatever channels it needs and adds.
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 * import type { AnyOperator } from '@messwerk/core/testing'
 *
 * const operators: AnyOperator[] = [rms({ window: '100ms', channels: ['force'] })]
 * operators.length // => 1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: an operator takes and gives names, so no other type holds all of them
export type AnyOperator = Operator<any, any, any>

/**
 * The operator that the suite is to check, and what to check it with.
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import type { OperatorSubject } from '@messwerk/core/testing'
 *
 * const blocks = [blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4] })]
 * const subject: OperatorSubject = { operator: () => rms({ window: '200ms', channels: ['a'] }), blocks }
 * subject.operator().id // => 'rms'
 * ```
 */
export interface OperatorSubject {
  /** A fresh one each time. */
  readonly operator: () => AnyOperator
  /** Blocks of one stream that follow each other without a gap; with at least two windows, or scans after learning. */
  readonly blocks: readonly Block[]
  /** One whose callback throws; left out when it takes no callback. */
  readonly throwing?: (() => AnyOperator) | undefined
  readonly skip?: Skips | undefined
}

/**
 * Every rule that the contract of an operator states, one check each. `operatorSuite` hands them to a test runner.
 *
 * @throws TypeError when there are too few scans to check anything with
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { operatorChecks } from '@messwerk/core/testing'
 *
 * const blocks = [blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4, 5, 6, 7, 8] })]
 * for (const check of operatorChecks({ operator: () => rms({ window: '200ms', channels: ['a'] }), blocks })) check.run()
 * ```
 */
export function operatorChecks(subject: OperatorSubject): Generator<Check> {
  const { blocks, throwing, skip } = subject
  if (blocks.reduce((sum, block) => sum + block.length, 0) < 4 || blocks.some((block) => block.gap)) {
    throw new TypeError('operatorChecks: blocks must hold at least 4 scans without a gap')
  }
  const fitting = Object.entries(rules).filter(([name]) => throwing || !name.startsWith('O8'))
  return checksOf(Object.fromEntries(fitting), subject, skip)
}

const rules: Readonly<Record<string, (on: OperatorSubject) => void>> = {
  'O1 gives the same bits however its input is cut into blocks': ({ operator, blocks }) => {
    const whole = outputOf(operator(), blocks)
    ok(whole.length > 0, 'it gave nothing for these blocks')
    for (const lengths of [[1], [2, 3], [7, 1, 5], [16], [64, 3]]) {
      equal(outputOf(operator(), cutUp(blocks, lengths)), whole, `cut into blocks of ${lengths.join(', ')} scans`)
    }
  },

  'O2 does not change its input': ({ operator, blocks }) => {
    const input = blocks.map(copyOfBlock)
    emitted(operator()(of(...input)))
    equal(input.map(blockText), blocks.map(blockText))
  },

  'O3 keeps its state for each subscriber': ({ operator, blocks }) => {
    const output = operator()(new Observable<Block>((to) => of(...blocks.map(copyOfBlock)).subscribe(to)))
    const first = scansOf(emitted(output).blocks)
    equal(scansOf(emitted(output).blocks), first)
  },

  'O4 completes after its source': ({ operator, blocks }) => {
    const source = new Subject<Block>()
    let completed = false
    operator()(source).subscribe({ complete: () => (completed = true) })
    for (const block of blocks) source.next(copyOfBlock(block))
    strictEqual(completed, false, 'it completed before its source')
    source.complete()
    strictEqual(completed, true, 'it did not complete')
  },

  'O5 forwards an error of its source unchanged': ({ operator }) => {
    const broken = new Error('of the source')
    const output = operator()(new Observable<Block>((to) => to.error(broken)))
    strictEqual(emitted(output).error, broken)
  },

  'O6 unsubscribes from its source': ({ operator, blocks }) => {
    const source = new Subject<Block>()
    const subscription = operator()(source).subscribe()
    source.next(copyOfBlock(blocks[0] as Block))
    strictEqual(source.observed, true, 'it is not subscribed to its source')
    subscription.unsubscribe()
    strictEqual(source.observed, false, 'it is still subscribed to its source')
  },

  'O7 refuses a stream without the channels that it needs, and lists what there is': ({ operator, blocks }) => {
    const { needs, kernel } = operator()
    const { id, rate, tags } = (blocks[0] as Block).stream
    const other = defineStream({ id, rate, tags, channels: [{ name: 'something_else', unit: '1' }] })
    if (needs.length > 0)
      throws(() => kernel(other), { name: 'RangeError', message: /has no channel '.*something_else/s })
  },

  'O8 turns what its callback throws into an error': ({ throwing, blocks }) => {
    const { error } = emitted((throwing as () => AnyOperator)()(of(...blocks.map(copyOfBlock))))
    ok(error instanceof Error, 'it gave no error')
  },

  'O9 declares a hole, and bridges it with nothing unless it holds': ({ operator, blocks }) => {
    const [before, after] = parted(blocks)
    const gap: Gap = { scans: 7, cause: 'lost' }
    const open = outputOf(operator(), before, false)
    const [first, ...others] = after as [Block, ...Block[]]
    const all = emitted(operator()(of(...before.concat(withGap(first, gap), others).map(copyOfBlock))))
    const behind = blocksFrom(all.blocks, open.length)
    if (operator().onGap === 'hold')
      return ok(
        behind.some((block) => block.gap?.cause === 'lost'),
        'the hole is not declared'
      )
    strictEqual(behind[0]?.gap?.cause, 'lost', 'the first block behind the hole does not declare it')
    equal(
      scansOf(all.blocks),
      open.concat(outputOf(operator(), after)),
      'a scan behind the hole knows of those before it'
    )
  },

  'O10 keeps streams and splits apart': ({ operator, blocks }) => {
    const pieces = cutUp(blocks, [3])
    const alone = outputOf(operator(), pieces)
    const { stream, origin } = blocks[0] as Block
    const mixed = pieces.flatMap((block) => [
      block,
      ofStream(block, `${stream.id} 2`, origin.split),
      ofStream(block, stream.id, `${origin.split} 2`)
    ])
    const { blocks: out } = emitted(operator()(of(...mixed.map(copyOfBlock))))
    const mine = out.filter((block) => block.stream.id === stream.id && block.origin.split === origin.split)
    equal(scansOf(mine), alone)
  },

  'O11 continues from a snapshot with the same bits': ({ operator, blocks }) => {
    const { kernel } = operator()
    const { stream } = blocks[0] as Block
    const pieces = cutUp(blocks, [5])
    const run = (on: Kernel, from: number, to: number): Scan[] =>
      pieces.slice(from, to).flatMap((block) => scansOf(on.process(copyOfBlock(block))))
    const through = kernel(stream)
    const whole = run(through, 0, pieces.length).concat(scansOf(through.flush?.()))
    for (let at = 1; at < pieces.length; at += Math.ceil(pieces.length / 8)) {
      const [left, right] = [kernel(stream), kernel(stream)]
      const before = run(left, 0, at)
      const taken = left.snapshot?.()
      const kept = structuredClone(taken)
      run(left, at, pieces.length)
      equal(taken, kept, `the snapshot after ${at} blocks is no copy: what came later changed it`)
      if (kept !== undefined) right.restore?.(kept)
      const behind = run(right, at, pieces.length).concat(scansOf(right.flush?.()))
      const how = left.snapshot
        ? `taken after ${at} blocks`
        : `it has no snapshot, and what it gives depends on the blocks before (cut after ${at})`
      equal(before.concat(behind), whole, how)
    }
  },

  'O12 gives the same as a kernel and as an RxJS operator': ({ operator, blocks }) => {
    const cell = new KernelCell(operator(), (blocks[0] as Block).stream)
    const scans = blocks.flatMap((block) => scansOf(cell.process(copyOfBlock(block))))
    equal(scans.concat(scansOf(cell.flush())), outputOf(operator(), blocks))
  },

  'O13 emits scans of the stream that its kernel announces': ({ operator, blocks }) => {
    const { output } = operator().kernel((blocks[0] as Block).stream)
    const { blocks: out } = emitted(operator()(of(...blocks.map(copyOfBlock))))
    for (const block of out) {
      strictEqual(block.stream, output)
      strictEqual(block.values.length, output.channels.length * block.length)
      ok(block.length >= 1, 'a block without scans')
      ok(!block.quality || block.quality.length === block.values.length, 'quality of another length than values')
    }
  }
}

function outputOf(operator: AnyOperator, blocks: readonly Block[], complete = true): Scan[] {
  const { blocks: out, error } = emitted(operator(sourceOf(blocks, complete)))
  if (error !== undefined) fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return scansOf(out)
}

function sourceOf(blocks: readonly Block[], complete: boolean): Observable<Block> {
  return new Observable((to) => {
    for (const block of blocks) to.next(copyOfBlock(block))
    if (complete) to.complete()
  })
}

/** From the block on that holds a scan, counted from the first of all. */
function blocksFrom(blocks: readonly Block[], scan: number): readonly Block[] {
  let passed = 0
  const at = blocks.findIndex((block) => {
    passed += block.length
    return passed > scan
  })
  return at < 0 ? [] : blocks.slice(at)
}

/** Two halves of the blocks, the second of them an hour and 7 scans later. */
function parted(blocks: readonly Block[]): [Block[], Block[]] {
  const pieces = cutUp(blocks, [1])
  const half = Math.floor(pieces.length / 2)
  return [pieces.slice(0, half), pieces.slice(half).map((block) => later(block, 3_600_007_000_000n))]
}
