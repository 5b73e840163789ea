/** A generalised Pareto tail: 1 - F(y) = (1 + shape y / scale)^(-1 / shape); exponential at shape 0. @internal */
export interface ParetoTail {
  readonly shape: number
  readonly scale: number
}

const [LEFT, RIGHT] = [40, 80]

/**
 * The tail of the greatest likelihood for these excesses, by Grimshaw's reduction to one unknown (Technometrics 35, 1993): roots of
 * w(t) = u(t) v(t) - 1 with u = 1 + mean ln(1 + t y), v = mean 1 / (1 + t y), t = shape / scale; bracketed on a grid and bisected.
 * The exponential tail, t = 0, is always among the candidates. Shapes below -1, where the likelihood has no bound, are none.
 *
 * @param excesses - above 0, at least one
 *
 * @internal
 */
export function paretoTail(excesses: Float64Array): ParetoTail {
  const [least, most, mean] = summary(excesses)
  let best: ParetoTail = { shape: 0, scale: mean }
  let likelihood = -excesses.length * (1 + Math.log(mean))
  if (!(most > least)) return best
  const consider = (from: number, to: number): void => {
    if (w(excesses, from) * w(excesses, to) > 0) return
    const t = bisected(excesses, from, to)
    const shape = meanLog(excesses, t)
    const candidate = { shape, scale: shape / t }
    const its = logLikelihood(excesses, candidate)
    if (!(shape > -1 && candidate.scale > 0 && its > likelihood)) return
    likelihood = its
    best = candidate
  }
  const bound = -1 / most
  for (let i = 0; i < LEFT; i += 1) consider(bound * (1 - (i + 1e-6) / LEFT), bound * (1 - (i + 0.999) / LEFT))
  const last = Math.min((2 * (mean - least)) / (least * least), 1e6 / mean)
  const first = Math.min(1e-6 / mean, last / 2)
  const step = Math.log(last / first) / RIGHT
  for (let i = 0; i < RIGHT; i += 1) consider(first * Math.exp(i * step), first * Math.exp((i + 1) * step))
  return best
}

function summary(excesses: Float64Array): readonly [least: number, most: number, mean: number] {
  let [least, most, sum] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const y of excesses) {
    least = Math.min(least, y)
    most = Math.max(most, y)
    sum += y
  }
  return [least, most, sum / excesses.length]
}

function w(excesses: Float64Array, t: number): number {
  let inverse = 0
  for (let i = 0; i < excesses.length; i += 1) inverse += 1 / (1 + t * excesses[i]!)
  return (1 + meanLog(excesses, t)) * (inverse / excesses.length) - 1
}

function meanLog(excesses: Float64Array, t: number): number {
  let sum = 0
  for (let i = 0; i < excesses.length; i += 1) sum += Math.log1p(t * excesses[i]!)
  return sum / excesses.length
}

function bisected(excesses: Float64Array, from: number, to: number): number {
  const side = w(excesses, from) > 0
  let [low, high] = [from, to]
  for (let i = 0; i < 60 && low !== high; i += 1) {
    const middle = (low + high) / 2
    if (w(excesses, middle) > 0 === side) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function logLikelihood(excesses: Float64Array, { shape, scale }: ParetoTail): number {
  return -excesses.length * (Math.log(scale) + (1 + 1 / shape) * meanLog(excesses, shape / scale))
}

/** The excess that is reached with a probability of `ratio`, among excesses. @internal */
export function paretoQuantile({ shape, scale }: ParetoTail, ratio: number): number {
  if (shape === 0) return -scale * Math.log(ratio)
  return (scale / shape) * Math.expm1(-shape * Math.log(ratio))
}
