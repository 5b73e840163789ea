import { type AlarmRules, limits } from '@messwerk/core/model'

/** The rules among the options of a threshold, checked. @internal */
export function alarmRules(factory: string, { delay, clearDelay, kOfN, refractory }: AlarmRules): AlarmRules {
  const rules: AlarmRules = { delay, clearDelay, kOfN, refractory }
  try {
    limits(Object.assign({ raise: 1 }, rules))
  } catch (error) {
    if (error instanceof RangeError) error.message = error.message.replace('limits: ', `${factory}: `)
    throw error
  }
  return rules
}

/** For snapshots: alarm rules that were given. @internal */
export function rulesText({ delay, clearDelay, kOfN, refractory }: AlarmRules): string {
  return `delay ${delay ?? '0s'}, clearDelay ${clearDelay ?? '0s'}, kOfN ${(kOfN ?? [1, 1]).join('/')}, refractory ${refractory ?? '0s'}`
}
