// How often random bytes look like frames to the GSV parsers: false frames in a GB, with and without checksums. A count,
// not a speed: `npm run bench -- gsv-false-frames`, `--mb=4000` for more bytes a case than 1000, `--short` for few.
import { GsvParser, LegacyParser, type LegacyParserOptions, type ParserOptions } from '@messwerk/gsv-driver/codec'

interface Case {
  readonly name: string
  readonly parser: () => { push(chunk: Uint8Array): void; decoded: number; skippedBytes: number }
  readonly answers: () => number
}

const megabytes = Number(process.argv.find((argument) => argument.startsWith('--mb='))?.slice(5) ?? 1000)
const total = (process.argv.includes('--short') ? 8 : megabytes) * 1e6

function framed(name: string, options: ParserOptions): Case {
  let answers = 0
  const response = (): void => {
    answers += 1
  }
  return { name, parser: () => new GsvParser({ full() {}, skipped() {}, response }, options), answers: () => answers }
}

function legacy(name: string, options: LegacyParserOptions): Case {
  let answers = 0
  const answer = (): void => {
    answers += 1
  }
  return { name, parser: () => new LegacyParser({ full() {}, skipped() {}, answer }, options), answers: () => answers }
}

const cases = [
  framed('unknown layout', {}),
  framed('8 float32', { layout: { objects: 8, dataType: 'float32', crc: false } }),
  framed('1 int16', { layout: { objects: 1, dataType: 'int16', crc: false } }),
  framed('8 float32 with CRC', { layout: { objects: 8, dataType: 'float32', crc: true } }),
  legacy('gsv-2, long frames', { model: 'gsv-2' }),
  legacy('gsv-3', { model: 'gsv-3' }),
  legacy('gsv-4', { model: 'gsv-4' })
]

/** xoshiro128++: no two words depend on each other as those of a smaller state do; every run sees the same bytes. */
function noise(state: Uint32Array, words: Uint32Array): void {
  let [a = 1, b = 2, c = 3, d = 4] = state
  for (let i = 0; i < words.length; i += 1) {
    const sum = (a + d) | 0
    words[i] = (((sum << 7) | (sum >>> 25)) + a) | 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
  }
  state.set([a, b, c, d])
}

const lines = [['parser', 'measured frames in a GB', 'responses or answers in a GB', 'GB']]
for (const { name, parser, answers } of cases) {
  const one = parser()
  const words = new Uint32Array(16_384)
  const bytes = new Uint8Array(words.buffer)
  const state = Uint32Array.of(0x2545f491, 0x9e3779b9, 0x7f4a7c15, 0xbf58476d)
  let fed = 0
  for (; fed < total; fed += bytes.length) {
    noise(state, words)
    one.push(bytes)
  }
  const perGb = (count: number): string => (count === 0 ? '0' : ((count * 1e9) / fed).toPrecision(3))
  lines.push([name, perGb(one.decoded), perGb(answers()), (fed / 1e9).toFixed(2)])
}
const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
console.log(
  lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
)
