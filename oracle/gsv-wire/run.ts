// `npm run oracle:gsv -- --json docs/reliability/gsv-wire.json`: see docs/reliability.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { versions } from '../versions.ts'
import { killTrial } from './kill-trial.ts'
import { missedBars } from './missed-bars.ts'
import { wireTrial } from './wire-trial.ts'

const USAGE = `usage: npm run oracle:gsv -- [options]
  --counted           the driver knows the channel that carries the number of the scan
  --rate 12000        scans a second, 8 channels float32 with CRC
  --seconds 60
  --corrupt 0.001     share of bytes that get another value
  --kills 0           how often the process that reads is killed and started again; it reads through a spool then
  --unplugs 3         how often the cable is pulled out; with --kills 0
  --unplug-ms 5000    for how long
  --stall-ms 0        a stall of so long behind each unplug; 0 = none
  --crystal 40        how much faster than it says the device's clock is, ppm
  --seed 1
  --json FILE         where the result goes`

const { values } = parseArgs({
  options: {
    counted: { type: 'boolean', default: false },
    rate: { type: 'string', default: '12000' },
    seconds: { type: 'string', default: '60' },
    corrupt: { type: 'string', default: '0.001' },
    kills: { type: 'string', default: '0' },
    unplugs: { type: 'string' },
    'unplug-ms': { type: 'string', default: '5000' },
    'stall-ms': { type: 'string', default: '0' },
    crystal: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false }
  }
})

async function main(): Promise<void> {
  const kills = Number(values.kills)
  const settings = {
    rate: Number(values.rate),
    seconds: Number(values.seconds),
    counted: values.counted,
    corrupt: Number(values.corrupt),
    kills,
    unplugs: Number(values.unplugs ?? (kills > 0 ? 0 : 3)),
    unplugMs: Number(values['unplug-ms']),
    stallMs: Number(values['stall-ms']),
    crystal: Number(values.crystal),
    seed: Number(values.seed)
  }
  const options = { ...settings, log: (line: string) => console.error(line) }
  const result = await (kills > 0 ? killTrial(options) : wireTrial(options))
  const missed = missedBars(settings, result)
  const { node, platform } = versions()
  const text = `${JSON.stringify({ settings, missed, ...result, versions: { node, platform } }, undefined, 2)}\n`
  if (values.json) writeFileSync(values.json, text)
  console.log(text)
  if (missed.length > 0) process.exitCode = 1
}

if (values.help) console.log(USAGE)
else await main()
