// `npm run docs`: the API reference into docs/api (a warning is an error) and the links between the pages.
import { brokenLinks } from './check-links.ts'
import { root, runSteps } from './steps.ts'

await runSteps([
  ['API reference (docs/api)', ['typedoc', '--logLevel', 'Warn']],
  ['links between pages', () => brokenLinks(root)]
])
