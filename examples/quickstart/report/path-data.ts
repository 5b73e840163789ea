import type { Series } from './report.ts'
import { fractionOf, type TimeRange } from './time-range.ts'
import type { ValueScale } from './value-scale.ts'

/** Width and height of a panel's coordinates: whole numbers this fine need no decimal point and can be read back. */
export const PATH_UNITS = 10_000

/** The `d` of an SVG path through the scans of each piece, in whole, relative coordinates to be short. */
export function pathData(pieces: readonly number[][], series: Series, range: TimeRange, scale: ValueScale): string {
  return pieces.map((piece) => pieceData(piece, series, range, scale)).join('')
}

function pieceData(piece: readonly number[], { time, values }: Series, range: TimeRange, scale: ValueScale): string {
  const xs = piece.map((i) => Math.round(fractionOf(time[i] as number, range) * PATH_UNITS))
  const ys = piece.map((i) => Math.round((1 - scale.at(values[i] as number)) * PATH_UNITS))
  let [x, y] = [xs[0] as number, ys[0] as number]
  if (piece.length === 1) return `M${x} ${y}h0` // a lone scan: a dot, by its round line cap
  let text = `M${x} ${y}l`
  for (let k = 1; k < piece.length; k += 1) {
    if (ys[k] === y && ys[k + 1] === y) continue // within a level stretch
    const [dx, dy] = [(xs[k] as number) - x, (ys[k] as number) - y]
    text += `${text.endsWith('l') ? '' : ' '}${dx}${dy < 0 ? '' : ' '}${dy}`
    x += dx
    y += dy
  }
  return text
}
