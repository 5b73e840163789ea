import { float32Below } from './float32-below.ts'
import type { PaddedForest } from './padded-forest.ts'
import { walkKernel } from './walk-kernel.ts'

/** Rows walked at once; a multiple of four. */
const BLOCK_ROWS = 64
const COLUMN_BYTES = 4 * BLOCK_ROWS
const SUMS_BYTES = 8 * BLOCK_ROWS
const PAGE_BYTES = 65536

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What is used of it; its types come with those of the browser only. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => Memory
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly walk: Walk } }
}

type Walk = (nodes: number, lengths: number, sums: number, trees: number, depth: number, rows: number) => void

/** Memory and code that all forests of the program take turns in: a memory of its own for each would soon exhaust the address space. */
interface Engine {
  readonly memory: Memory
  readonly walk: Walk
  /** Whose trees are in the memory. */
  holds: WeakRef<PaddedForest> | undefined
}

let engine: Engine | undefined
let isRefused = false

/**
 * Sums of the path lengths of all rows in all trees into `out`, tree by tree as `walkRow` does: the same bits.
 * Rows: `values[used[u] * length + i]`, taken as float32.
 *
 * @returns false where WebAssembly is not allowed, with nothing done
 *
 * @internal
 */
export function walkBatch(
  forest: PaddedForest,
  values: Float64Array,
  length: number,
  used: Int32Array,
  out: Float64Array
): boolean {
  engine ??= isRefused ? undefined : started()
  if (engine === undefined) return false
  const { memory, walk } = engine
  const sumsAt = used.length * COLUMN_BYTES
  const nodesAt = sumsAt + SUMS_BYTES
  const bytesEach = 8 * forest.trees * forest.size
  load(engine, forest, nodesAt, nodesAt + bytesEach)
  const block = new Float32Array(memory.buffer, 0, used.length * BLOCK_ROWS)
  const sums = new Float64Array(memory.buffer, sumsAt, BLOCK_ROWS)
  for (let from = 0; from < length; from += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, length - from)
    for (let u = 0; u < used.length; u += 1) {
      const first = used[u]! * length + from
      for (let i = 0; i < rows; i += 1) block[u * BLOCK_ROWS + i] = values[first + i]!
    }
    sums.fill(0)
    walk(nodesAt, nodesAt + bytesEach - 8 * forest.size, sumsAt, forest.trees, forest.depth, 4 * ((rows + 3) & ~3))
    for (let i = 0; i < rows; i += 1) out[from + i] = sums[i]!
  }
  return true
}

function started(): Engine | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(walkKernel), { m: { m: memory } })
    return { memory, walk: exports.walk, holds: undefined }
  } catch {
    // The content security policy of a page may forbid it.
    isRefused = true
    return undefined
  }
}

function load(into: Engine, forest: PaddedForest, nodesAt: number, lengthsAt: number): void {
  if (into.holds?.deref() === forest) return
  const { memory } = into
  const { features, thresholds, lengths } = forest
  const missing = lengthsAt + 8 * lengths.length - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  const columns = new Int32Array(memory.buffer, nodesAt, 2 * features.length)
  const limits = new Float32Array(memory.buffer, nodesAt, 2 * features.length)
  for (let k = 0; k < features.length; k += 1) {
    columns[2 * k] = features[k]! * COLUMN_BYTES
    limits[2 * k + 1] = float32Below(thresholds[k]!)
  }
  new Float64Array(memory.buffer, lengthsAt, lengths.length).set(lengths)
  into.holds = new WeakRef(forest)
}
