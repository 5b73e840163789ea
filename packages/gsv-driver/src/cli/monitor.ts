import { type Block, type Duration, durationMs, type MeasurementEvent, timeNs } from '@messwerk/core/model'
import type { LegacyGsvDevice } from '../device/legacy/legacy-probe.ts'
import type { GsvDevice } from '../device/probe.ts'
import { isBlock } from './block-or-event.ts'
import { CHANNEL_HELP, CHANNEL_OPTIONS, LINK_HELP, LINK_OPTIONS, sourceOptions } from './device-options.ts'
import { deviceText } from './info.ts'
import { limited } from './limited.ts'
import { LiveValues } from './live-values.ts'
import { monitorJson, monitorLine, monitorScreen } from './monitor-text.ts'
import { parseCommand } from './parse-command.ts'
import { readings } from './readings.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { gapOfNotice, timeText } from './text.ts'

const HELP = `usage: gsv-driver monitor <device> [options]

Shows values, rate, error of the device's clock and gaps until Ctrl-C: in place in a terminal, else line by line.
A lost link is opened again; what was missed is a gap.

  --every <duration>     how often; default 200ms in a terminal, 1s else
  --seconds <s>          ends after so long
${CHANNEL_HELP}
  --json                 a line of JSON each time
${LINK_HELP}`

const FIRST_TOLD_S = 3

/** Live values. @internal */
export const monitor: Command = { summary: 'live values, rate, clock error and gaps', help: HELP, run }

const OPTIONS = {
  ...LINK_OPTIONS,
  ...CHANNEL_OPTIONS,
  every: { type: 'string' },
  seconds: { type: 'string' },
  json: { type: 'boolean' }
} as const

async function run(around: Surroundings): Promise<number> {
  const given = parseCommand('monitor', around.args, OPTIONS, ['<device>'])
  const seconds = given.number('seconds', 0)
  const screen = given.flag('json') ? undefined : around.screen
  const every = (given.text('every') ?? (screen ? '200ms' : '1s')) as Duration
  const everyMs = durationMs(every, '--every')
  const options = sourceOptions(given)
  const view = screen ? new ScreenView(screen, options.url) : new LineView(around, given.flag('json'))
  const onDevice = (device: GsvDevice | LegacyGsvDevice): void => view.begin(deviceText(device), options.url)
  const live = new LiveValues()
  const ticking = setInterval(() => view.tick(live), Math.max(everyMs, 1000))
  try {
    const quiet = screen ? { ...around, err: (line: string) => view.say(line) } : around
    await follow(limited(readings(quiet, { ...options, onDevice }, { seconds }), { seconds }), live, view, everyMs)
    view.end(live)
  } finally {
    clearInterval(ticking)
  }
  return 0
}

/** Shows what comes each `everyMs` by the time of the scans: what comes late in one piece is shown once. */
async function follow(
  items: AsyncIterable<Block | MeasurementEvent>,
  live: LiveValues,
  view: LineView | ScreenView,
  everyMs: number
): Promise<void> {
  let due: bigint | undefined
  for await (const item of items) {
    const gap = isBlock(item) ? undefined : gapOfNotice(item)
    if (gap) live.miss(gap)
    if (!isBlock(item)) continue
    live.add(item)
    const time = timeNs(item, item.length - 1)
    if (due !== undefined && time < due) continue
    due = time + BigInt(Math.round(everyMs * 1e6))
    view.show(live, timeText(time))
    live.shown()
  }
}

/** Lines behind one another. */
class LineView {
  readonly #around: Surroundings
  readonly #asJson: boolean
  #silentSince = performance.now()
  /** Seconds of silence to tell of next: a long one does not fill a log. */
  #tellAt = FIRST_TOLD_S

  constructor(around: Surroundings, asJson: boolean) {
    this.#around = around
    this.#asJson = asJson
  }

  begin(name: string, url: string): void {
    this.#around.err(`${name} at ${url}`)
  }

  say(line: string): void {
    this.#around.err(line)
  }

  show(live: LiveValues, time: string): void {
    this.#silentSince = performance.now()
    this.#tellAt = FIRST_TOLD_S
    this.#around.out(this.#asJson ? monitorJson(live, time) : monitorLine(live, time))
  }

  tick(): void {
    const seconds = Math.floor((performance.now() - this.#silentSince) / 1000)
    if (seconds < this.#tellAt) return
    this.#tellAt *= 2
    this.#around.err(`no data for ${seconds} s`)
  }

  end(): void {}
}

/** Lines in place: the cursor goes up by as many as there were. */
class ScreenView {
  readonly #write: (text: string) => void
  #name: string
  #lines = 0
  #silentSince = performance.now()
  #said = ''

  constructor(write: (text: string) => void, url: string) {
    this.#write = write
    this.#name = url
  }

  begin(name: string, url: string): void {
    this.#name = `${name} at ${url}`
  }

  say(line: string): void {
    this.#said = line
  }

  show(live: LiveValues): void {
    this.#silentSince = performance.now()
    this.#said = ''
    this.#draw(live)
  }

  tick(live: LiveValues): void {
    if (performance.now() - this.#silentSince >= 1000) this.#draw(live)
  }

  end(live: LiveValues): void {
    this.#draw(live)
  }

  #draw(live: LiveValues): void {
    const silent = Math.floor((performance.now() - this.#silentSince) / 1000)
    const lines = monitorScreen(this.#name, live, silent)
    if (this.#said) lines[3] = this.#said
    const up = this.#lines > 0 ? `\x1b[${this.#lines}A` : ''
    this.#lines = lines.length
    this.#write(`${up}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`)
  }
}
