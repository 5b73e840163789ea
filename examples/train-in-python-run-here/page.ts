// The same models in a browser. serve.ts bundles this file into page.js.
import { loadModel, type Model } from '@messwerk/detectors/models'
import { type Comparison, compare } from './compare.ts'

const { document } = globalThis as unknown as Browser
const main = document.querySelector('main')!

try {
  const [rows, scores] = await Promise.all(['pump.csv', 'scores.csv'].map(textOf))
  for (const name of ['forest', 'autoencoder']) {
    const model = await loadModel(`${name}.mwz`)
    show(model, await compare(model, rows!, scores!))
  }
  document.body.dataset.state = 'done'
} catch (error) {
  document.querySelector('#problem')!.textContent = String(error)
  document.body.dataset.state = 'failed'
}

async function textOf(file: string): Promise<string> {
  const response = await fetch(file)
  if (!response.ok) throw new Error(`${file}: status ${response.status}`)
  return await response.text()
}

function show(model: Model, { rows, largest, scores }: Comparison): void {
  const title = document.createElement('h2')
  title.textContent = `${model.manifest!.name} ${model.manifest!.version}`
  const result = document.createElement('p')
  result.dataset.model = model.manifest!.name
  result.dataset.largest = String(largest)
  result.dataset.way = model.way
  result.textContent = `${rows} rows, largest difference ${largest.toExponential(1)} (${model.way}: ${model.wayReason})`
  const canvas = document.createElement('canvas')
  main.append(title, result, canvas)
  draw(canvas, scores, model.manifest!.threshold!.raise)
}

/** The scores, and the limit of the model as a line. */
function draw(canvas: Canvas, scores: Float64Array, limit: number): void {
  canvas.width = 1200
  canvas.height = 160
  const pen = canvas.getContext('2d')
  const top = scores.reduce((most, score) => Math.max(most, score), limit)
  const y = (score: number): number => canvas.height * (1 - score / top)
  pen.strokeStyle = '#2a6f97'
  pen.beginPath()
  scores.forEach((score, i) => {
    pen.lineTo((canvas.width * i) / scores.length, y(score))
  })
  pen.stroke()
  pen.strokeStyle = '#a3123f'
  pen.beginPath()
  pen.moveTo(0, y(limit))
  pen.lineTo(canvas.width, y(limit))
  pen.stroke()
}

/** What is used of a browser: this workspace is type-checked for Node. */
interface Browser {
  readonly document: {
    readonly body: Tag
    querySelector(selector: string): Tag | null
    createElement(name: 'canvas'): Canvas
    createElement(name: string): Tag
  }
}
interface Tag {
  textContent: string
  readonly dataset: Record<string, string>
  append(...children: Tag[]): void
}
interface Canvas extends Tag {
  width: number
  height: number
  getContext(kind: '2d'): {
    strokeStyle: string
    beginPath(): void
    moveTo(x: number, y: number): void
    lineTo(x: number, y: number): void
    stroke(): void
  }
}
