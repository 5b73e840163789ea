export { type Scheduler, sleep } from './scheduler.ts'
export { systemTime } from './system-time.ts'
