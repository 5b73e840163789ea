import { GsvParser, type LegacyLayout, LegacyParser } from '../codec/index.ts'

const LAYOUTS: readonly (readonly [string, LegacyLayout])[] = [
  ['a GSV-4', { model: 'gsv-4' }],
  ['a GSV-2', { model: 'gsv-2', frames: 'long' }],
  ['a GSV-2 or GSV-3', { model: 'gsv-3' }],
  ['a GSV-2', { model: 'gsv-2', frames: 'text' }]
]
/** Frames that are no chance. */
const LEAST = 4

/**
 * What bytes look like that were not understood; undefined where nothing is known that looks like that. It is a guess, for
 * the text of an error: too little to send commands by.
 *
 * @internal
 */
export function likenessOf(heard: Uint8Array): string | undefined {
  if (framed(heard)) return 'a GSV-8 or GSV-6'
  for (const [name, layout] of LAYOUTS) if (legacy(heard, layout)) return name
  // the answer of a GSV-2 or GSV-3 to the question for its serial number
  return /;\d{8}/.test(String.fromCharCode(...heard)) ? 'a GSV-2 or GSV-3' : undefined
}

function framed(heard: Uint8Array): boolean {
  const parser = new GsvParser({ full() {}, skipped() {}, response() {} }, { capacity: 16 })
  parser.push(heard)
  return parser.decoded >= 2
}

function legacy(heard: Uint8Array, layout: LegacyLayout): boolean {
  let answers = 0
  const receiver = {
    full() {},
    skipped() {},
    answer() {
      answers += 1
    }
  }
  const parser = new LegacyParser(receiver, { ...layout, capacity: 16 })
  parser.push(heard)
  return parser.decoded >= LEAST || answers > 0
}
