import { countOf, type RecordPlan, streamOf, timeOfSeq } from './records.ts'

/** Whether the last record of each machine is there. */
export function hasLastOfEach(plan: RecordPlan, newest: ReadonlyMap<string, number>): boolean {
  for (let machine = 0; machine < plan.machines; machine += 1) {
    const last = timeOfSeq(plan, countOf(plan, machine) - 1)
    if (!(newest.get(streamOf(machine))! >= last)) return false
  }
  return true
}
