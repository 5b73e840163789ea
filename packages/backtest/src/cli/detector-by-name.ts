import type { DetectorSpec } from '@messwerk/core/model'
import * as detectors from '@messwerk/detectors'
import { UsageError } from './usage-error.ts'

type Factory = () => DetectorSpec

/** Makes the detector of a name, without options. @throws UsageError that lists the names @internal */
export function detectorByName(name: string): DetectorSpec {
  const made = factories().get(name)
  if (made) return made
  throw new UsageError(`--detector must be one of ${[...factories().keys()].join(', ')}, got '${name}'`)
}

/** Every function of the package that makes a detector when it is called without options. */
function factories(): ReadonlyMap<string, DetectorSpec> {
  const specs = new Map<string, DetectorSpec>()
  for (const [name, value] of Object.entries(detectors)) {
    const spec = typeof value === 'function' ? attempt(value as Factory) : undefined
    if (spec !== undefined && typeof spec.create === 'function' && spec.create.length === 1) specs.set(name, spec)
  }
  return specs
}

function attempt(make: Factory): DetectorSpec | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
