// `npm run evaluate -- <corpus> [--detector NAME] [--protocol unsupervised|normals|streaming] [--data DIR] [--json FILE]`: measures the
// detectors on public recordings. Exit codes: 0 measured, 1 the data is unreadable, 2 wrong usage, 3 no data folder or not this corpus.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFolder } from './data-folder.ts'
import { corpora } from './evaluate/corpora.ts'
import { Progress } from './evaluate/progress.ts'
import { tableOf } from './evaluate/report.ts'
import { namesOf, runCorpus, UsageError } from './evaluate/run-corpus.ts'

process.exitCode = main(process.argv.slice(2))

function main(args: readonly string[]): number {
  try {
    return evaluateCorpus(args)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
    console.error(`evaluate: ${message}`)
    if (isUsage) console.error(usage())
    else if (process.env.DEBUG) console.error((error as Error).stack)
    return isUsage ? 2 : 1
  }
}

function evaluateCorpus(args: readonly string[]): number {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { detector: text, protocol: text, data: text, json: text },
    allowPositionals: true
  })
  const [corpus, ...others] = positionals
  if (corpus === undefined || others.length > 0)
    throw new UsageError(`needs one corpus, got ${positionals.join(' ') || 'none'}`)
  if (!corpora.some(({ name }) => name === corpus))
    throw new UsageError(`corpus must be one of ${namesOf(corpora)}, got ${corpus}`)
  const data = values.data === undefined ? dataFolder() : resolve(values.data)
  if (data === undefined || !existsSync(join(data, corpus))) return withoutData(corpus, data)
  const progress = new Progress(process.stderr)
  const report = runCorpus({ ...values, corpus, data, progress: (text) => progress.show(text) })
  progress.clear()
  const { about } = corpora.find(({ name }) => name === corpus)!
  console.log(`${corpus}, protocol ${report.protocol} (${about})\n\n${tableOf(report)}`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 1)}\n`)
  return 0
}

function withoutData(corpus: string, data: string | undefined): number {
  const missing = data === undefined ? 'no data folder' : `no folder ${join(data, corpus)}`
  console.error(
    `evaluate: ${missing}. The recordings are not in the repository: docs/benchmarks.md says where each comes from and how its files are laid out. Give their folder as --data DIR or in MESSWERK_DATA.`
  )
  return 3
}

function usage(): string {
  return [
    'usage: npm run evaluate -- <corpus> [--detector NAME] [--protocol unsupervised|normals|streaming] [--data DIR] [--json FILE]',
    ...corpora.map(({ name, protocols, about }) => `  ${name} (${protocols.join(', ')}): ${about}`)
  ].join('\n')
}
