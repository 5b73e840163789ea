// WebAssembly, because four rows in step through one tree are memory reads and comparisons only, and V8 checks the bounds of each
// read: the same loop in JavaScript takes half as long again. Written in opcodes, as a toolchain for 370 bytes would weigh more.
//
//   walk(nodes, lengths, sums, trees, depth, rows): for each tree, for each four rows: from node 1 down, then
//   sums[row] += lengths[leaf]. Addresses in bytes; `rows` = 4 x their number, a multiple of 16.
//
// Memory: the values of a block from address 0, as float32 column by column, BLOCK_ROWS a column. Node = { address of the column,
// float32 threshold }, 8 bytes; a node is counted in bytes too, so the children of k are 2k and 2k + 8. `lengths` is less by the
// bytes of the inner nodes, so that it can be read at the node reached.

/** Parameters and local variables of `walk`, in order. */
const [NODES, LENGTHS, SUMS, TREES, DEPTH, ROWS, ROW, LEVEL, AT, STRIDE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const LANES = [10, 11, 12, 13]
const LOCALS = 8

const [I32, EXPORTED_FUNCTION, IMPORTED_MEMORY, NO_RESULT] = [0x7f, 0x00, 0x02, 0x40]
const [LOOP, END, ADD, SUB, SHL, LESS, GREATER_F32, ADD_F64] = [0x03, 0x0b, 0x6a, 0x6b, 0x74, 0x49, 0x5e, 0xa0]
const get = (local: number): number[] => [0x20, local]
const set = (local: number): number[] => [0x21, local]
const tee = (local: number): number[] => [0x22, local]
const number = (value: number): number[] => [0x41, value]
const readI32 = (offset: number): number[] => [0x28, 2, offset]
const readF32 = (offset: number): number[] => [0x2a, 2, offset]
const readF64 = (offset: number): number[] => [0x2b, 3, offset]
const writeF64 = (offset: number): number[] => [0x39, 3, offset]
const again = (body: number[]): number[] => [LOOP, NO_RESULT, ...body, 0x0d, 0, END]

/** node = 2 node + 8 (value > threshold) */
const down = (local: number, lane: number): number[] => [
  ...get(NODES),
  ...get(local),
  ADD,
  ...tee(AT),
  ...readI32(0),
  ...get(ROW),
  ADD,
  ...readF32(4 * lane),
  ...get(AT),
  ...readF32(4),
  GREATER_F32,
  ...number(3),
  SHL,
  ...get(local),
  ...number(1),
  SHL,
  ADD,
  ...set(local)
]

/** sums[row] += lengths[node] */
const arrive = (local: number, lane: number): number[] => [
  ...get(SUMS),
  ...get(ROW),
  ...number(1),
  SHL,
  ADD,
  ...tee(AT),
  ...get(AT),
  ...readF64(8 * lane),
  ...get(LENGTHS),
  ...get(local),
  ADD,
  ...readF64(0),
  ADD_F64,
  ...writeF64(8 * lane)
]

const levels = again([...LANES.flatMap(down), ...get(LEVEL), ...number(1), SUB, ...tee(LEVEL)])
const fours = again([
  ...LANES.flatMap((local) => [...number(8), ...set(local)]),
  ...get(DEPTH),
  ...set(LEVEL),
  ...levels,
  ...LANES.flatMap(arrive),
  ...get(ROW),
  ...number(16),
  ADD,
  ...tee(ROW),
  ...get(ROWS),
  LESS
])
const next = (local: number): number[] => [...get(local), ...get(STRIDE), ADD, ...set(local)]
const trees = again([
  ...number(0),
  ...set(ROW),
  ...fours,
  ...next(NODES),
  ...next(LENGTHS),
  ...get(TREES),
  ...number(1),
  SUB,
  ...tee(TREES)
])
const body = [1, LOCALS, I32, ...number(8), ...get(DEPTH), SHL, ...set(STRIDE), ...trees, END]

/** A length in front, in as many groups of 7 bits as it takes. */
function counted(content: readonly number[]): number[] {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) return [...length, ...content]
  }
}

const name = (text: string): number[] => counted([...text].map((letter) => letter.charCodeAt(0)))
const section = (id: number, content: number[]): number[] => [id, ...counted([1, ...content])]

/** @internal */
export const walkKernel: Uint8Array<ArrayBuffer> = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [0x60, ...counted(Array(6).fill(I32)), 0]),
  ...section(2, [...name('m'), ...name('m'), IMPORTED_MEMORY, 0, 1]),
  ...section(3, [0]),
  ...section(7, [...name('walk'), EXPORTED_FUNCTION, 0]),
  ...section(10, counted(body))
])
