import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemTime } from './system-time.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('now', () => {
  it('is the wall clock, with a fraction', () => {
    const before = Date.now()
    const now = systemTime.now()
    expect(now).toBeGreaterThan(before - 5)
    expect(now).toBeLessThan(Date.now() + 5)
    expect(Array.from({ length: 20 }, () => systemTime.now()).some((ms) => ms % 1 !== 0)).toBe(true)
  })

  it('follows when the clock is set', () => {
    const hour = 3_600_000
    const real = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => real() + hour)
    expect(Math.abs(systemTime.now() - (real() + hour))).toBeLessThan(100)
    vi.restoreAllMocks()
    expect(Math.abs(systemTime.now() - Date.now())).toBeLessThan(100)
  })
})

it('only goes forward', () => {
  const times = Array.from({ length: 100 }, () => systemTime.elapsed())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

describe('after', () => {
  it('calls back once', () => {
    vi.useFakeTimers()
    const rang = vi.fn()
    systemTime.after(50, rang)
    vi.advanceTimersByTime(49)
    expect(rang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    expect(rang).toHaveBeenCalledOnce()
  })

  it('can be cancelled', () => {
    vi.useFakeTimers()
    const rang = vi.fn()
    systemTime.after(50, rang)()
    vi.advanceTimersByTime(1000)
    expect(rang).not.toHaveBeenCalled()
  })

  it('waits for longer than a timer of the platform can', () => {
    vi.useFakeTimers()
    const [rang, never] = [vi.fn(), vi.fn()]
    const days = 86_400_000
    systemTime.after(60 * days, rang)
    const cancel = systemTime.after(60 * days, never)
    vi.advanceTimersByTime(59 * days)
    cancel()
    expect(rang).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2 * days)
    expect(rang).toHaveBeenCalledOnce()
    expect(never).not.toHaveBeenCalled()
  })
})

describe('uptime', () => {
  it('is the same clock in all processes of the machine', () => {
    const before = systemTime.uptime?.() as number
    const url = new URL('./system-time.ts', import.meta.url).href
    const program = `import('${url}').then(({ systemTime }) => console.log(systemTime.uptime()))`
    const between = Number(execFileSync(process.execPath, ['--import', 'tsx', '-e', program], { encoding: 'utf8' }))
    expect(between).toBeGreaterThan(before)
    expect(between).toBeLessThan(systemTime.uptime?.() as number)
  })

  it('is absent where there is none', async () => {
    vi.resetModules()
    vi.stubGlobal('process', undefined)
    const { systemTime: ofBrowsers } = await import('./system-time.ts')
    expect(ofBrowsers.uptime).toBeUndefined()
  })
})

describe('macrotask', () => {
  it('comes after promises', async () => {
    const log: string[] = []
    const later = systemTime.macrotask().then(() => log.push('macrotask'))
    await Promise.resolve().then(() => log.push('promise'))
    await later
    expect(log).toEqual(['promise', 'macrotask'])
  })

  it('needs no setImmediate', async () => {
    vi.resetModules()
    vi.stubGlobal('setImmediate', undefined)
    const { systemTime: ofBrowsers } = await import('./system-time.ts')
    const log: number[] = []
    await Promise.all([1, 2, 3].map((n) => ofBrowsers.macrotask().then(() => log.push(n))))
    expect(log).toEqual([1, 2, 3])
  })
})
