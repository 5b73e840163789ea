export interface PlacedLabel {
  /** Middle, 0 at the left end of the axis and 1 at its right. */
  readonly at: number
  readonly text: string
}

/** Where there is room for a label: `all` screens, only `wide` ones, or `none`. */
export type Room = 'all' | 'wide' | 'none'

const [WIDE, NARROW] = [900, 300]
const LETTER = 7
const SHIFT = { start: 1, middle: 0, end: -1 }

/**
 * Which labels of one row can be shown without touching an earlier one, on a wide screen and on a phone (pixels).
 * Those nearer to an end of the axis than `edge` begin or end where they belong instead of standing over it.
 */
export function labelFit(labels: readonly PlacedLabel[], edge = 0): Room[] {
  const [wide, narrow] = [fitsAt(labels, WIDE, edge), fitsAt(labels, NARROW, edge)]
  return labels.map((_, i) => (narrow[i] && wide[i] ? 'all' : wide[i] ? 'wide' : 'none'))
}

function fitsAt(labels: readonly PlacedLabel[], width: number, edge: number): boolean[] {
  let free = Number.NEGATIVE_INFINITY
  return labels.map(({ at, text }) => {
    const half = (text.length * LETTER) / 2
    const middle = at * width + SHIFT[anchorOf(at, edge)] * half
    const fits = middle - half >= free
    if (fits) free = middle + half + LETTER
    return fits
  })
}

/** The `text-anchor` of a label that must not run over the ends of the axis. */
export function anchorOf(at: number, edge: number): 'start' | 'middle' | 'end' {
  if (at < edge) return 'start'
  return at > 1 - edge ? 'end' : 'middle'
}
