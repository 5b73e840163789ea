// The end of `.ci/run`: adds up what the steps left in a folder. `<step>.exit` holds a step's exit code, `<step>*.json` its counts;
// a step without counts is one test. Prints the reason of everything skipped, what failed once and passed then, what failed, and one closing line.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const files = readdirSync(folder)
const total = { passed: 0, failed: 0, skipped: [], failures: [], flaky: [] }

for (const file of files.filter((name) => name.endsWith('.exit'))) {
  const step = file.slice(0, -'.exit'.length)
  const ok = readFileSync(join(folder, file), 'utf8').trim() === '0'
  const counts = files.filter(
    (name) => name === `${step}.json` || (name.startsWith(`${step}-`) && name.endsWith('.json'))
  )
  const failedBefore = total.failed
  for (const name of counts) add(step, JSON.parse(readFileSync(join(folder, name), 'utf8')))
  if (counts.length === 0 && ok) total.passed++
  if (ok || total.failed > failedBefore) continue
  total.failed++
  total.failures.push({ name: step, reason: 'the step failed, see above' })
}

for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`)
for (const name of total.flaky) console.log(`flaky: ${name}: failed, and passed when it was run again`)
for (const { name, reason } of total.failures) console.log(`failed: ${name}: ${reason}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0

function add(step, { passed, failed, skipped, failures = [], flaky = [] }) {
  total.passed += passed
  total.failed += failed
  total.skipped.push(...skipped)
  for (const { name, reason } of failures) total.failures.push({ name: `${step}: ${name}`, reason })
  for (const name of flaky) total.flaky.push(`${step}: ${name}`)
}
