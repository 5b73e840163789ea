// `npm run oracle -- --source mqtt --sink duckdb --records 1000000 --faults kill,cut`: see docs/reliability.
import { writeFileSync } from 'node:fs'
import { cliOptions, USAGE } from './cli-options.ts'
import { trial } from './trial.ts'
import { isFlawless } from './trial-result.ts'
import { versions } from './versions.ts'

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE)
  const options = cliOptions(process.argv.slice(2))
  const { json, log, ...settings } = options
  const { findings, ...result } = await trial(options)
  const report = { settings, ...result, findings, versions: versions() }
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  if (json) writeFileSync(json, text)
  console.log(text)
  if (isFlawless({ ...result, findings })) return
  console.error('a bar is missed: see findings')
  process.exitCode = 1
}

await main().catch((error: unknown) => {
  if (error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exitCode = 2
  } else throw error
})
