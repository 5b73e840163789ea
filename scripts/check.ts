// `npm run check`: everything that is true of the tree as it stands: form, rules, types, public names, packages as they would be published.
import { rmSync } from 'node:fs'
import { installCheck } from './install-check.ts'
import { packAll, packedFolder } from './pack.ts'
import { compilerOptions, undocumentedNames } from './public-names.ts'
import { publicPackages } from './public-packages.ts'
import { readmeProgram } from './readme-program.ts'
import { run, runSteps } from './steps.ts'

let tarballs = new Map<string, string>()
const entries = new Map(publicPackages().flatMap((one) => [...one.entries]))

await runSteps([
  ['form and lint (biome)', ['biome', 'ci', '--colors=off', '.']],
  ['promises and house rules (eslint)', ['eslint', '.']],
  ['types', ['tsc', '-p', '.']],
  ['types of the examples in comments and pages', async () => ((await generateExamples()) ? [] : ['see above'])],
  [
    'every public name has a docstring with an example',
    () => undocumentedNames(entries, compilerOptions('tsconfig.base.json'))
  ],
  ['nothing unused (knip)', ['knip', '--no-progress']],
  ['build', ['tsup']],
  ['pack', pack],
  ['publint', () => forEachTarball((tarball) => ['publint', tarball])],
  [
    'types as users resolve them (attw)',
    () => forEachTarball((tarball) => ['attw', tarball, '--profile', 'esm-only', '--quiet'])
  ],
  ['bundle sizes (size-limit)', ['size-limit']],
  ['installs from tarballs', () => installCheck(tarballs)],
  ['the program of README.md, from tarballs', () => readmeProgram(tarballs)]
])
rmSync(packedFolder, { recursive: true, force: true })

async function generateExamples(): Promise<boolean> {
  return (
    (await run(['tsx', 'scripts/doc-examples.ts'])) === 0 &&
    (await run(['tsc', '-p', 'test/tsconfig.examples.json'])) === 0
  )
}

async function pack(): Promise<string[]> {
  tarballs = await packAll()
  return []
}

async function forEachTarball(command: (tarball: string) => readonly string[]): Promise<string[]> {
  const failed: string[] = []
  for (const [name, tarball] of tarballs) if ((await run(command(tarball))) !== 0) failed.push(`${name}: see above`)
  return tarballs.size > 0 ? failed : ['nothing was packed']
}
