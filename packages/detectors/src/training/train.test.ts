import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Detector, DetectorSpec } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { type AutoencoderOptions, autoencoder } from '../autoencoder/autoencoder.ts'
import { part, sixChannels, sixChannelsOf } from '../fixtures/six-channels.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { type TrainOptions, train } from './train.ts'
import type { TrainProgress } from './train-progress.ts'
import { trainInThread } from './training-thread.ts'

const scans = sixChannelsOf('two shared movements', 900, 3)
const learned = part(scans, 0, 600)
const tried = part(scans, 600, 900)
const threads = ['worker', 'here'] as const
const ways: Readonly<Record<string, AutoencoderOptions>> = {
  plain: { epochs: 12, seed: 3 },
  'a window': { epochs: 4, window: { scans: 6 }, hidden: [8, 3] },
  'a window of time': { epochs: 4, window: '50ms', hidden: [8, 3] },
  'some channels': { epochs: 4, channels: ['torque', 'flow'] }
}
const fitted = (spec: DetectorSpec): Detector => {
  const detector = spec.create(sixChannels)
  detector.fit(learned)
  return detector
}

/** Which does not follow on what it was fitted on. */
const fittedForAStream = (spec: DetectorSpec): Detector => {
  const detector = fitted(spec)
  detector.gap?.()
  return detector
}

describe.each(threads)('train (%s)', (thread) => {
  it.each(Object.entries(ways))('gives the bits of fit: %s', async (_, options) => {
    const spec = autoencoder(options)
    const trained = await train(spec, learned, { thread, channels: sixChannels })
    const [own, other] = [trained.create(sixChannels), trained.create(sixChannels)]
    expect(own.ready).toBe(true)
    const wanted = fittedForAStream(spec)
    expect(own.snapshot()).toEqual(wanted.snapshot())
    const scores = wanted.process(tried)
    expect(own.process(tried)).toEqual(scores)
    // each has a state of its own
    expect(other.process(tried)).toEqual(scores)
    expect(Number.isNaN(scores[0]!)).toBe('window' in options)
  })

  it('trains what was narrowed to a channel', async () => {
    const spec = autoencoder({ epochs: 3, window: { scans: 4 }, minDeviation: { flow: 5, speed: 1 } }).only!('flow')
    const trained = await train(spec, learned, { thread, channels: sixChannels })
    expect(trained.create(sixChannels).process(tried)).toEqual(fittedForAStream(spec).process(tried))
  })

  it('tells each epoch', async () => {
    const told: TrainProgress[] = []
    await train(autoencoder({ epochs: 5 }), learned, { thread, onProgress: (progress) => told.push(progress) })
    expect(told.map(({ epoch, epochs }) => [epoch, epochs])).toEqual([1, 2, 3, 4, 5].map((epoch) => [epoch, 5]))
    expect(told[4]!.loss).toBeLessThan(told[0]!.loss)
    expect(told[4]!.heldBack).toBeLessThan(told[0]!.heldBack!)
    const whole: TrainProgress[] = []
    const onProgress = (progress: TrainProgress): number => whole.push(progress)
    await train(autoencoder({ epochs: 1, holdBack: 0 }), learned, { thread, onProgress })
    expect(whole[0]).not.toHaveProperty('heldBack')
  })

  it('ends when it is told to', async () => {
    const endless = autoencoder({ epochs: 1_000_000, patience: 1_000_000 })
    const controller = new AbortController()
    const onProgress = ({ epoch }: TrainProgress): void => {
      if (epoch === 3) controller.abort()
    }
    const ended = train(endless, learned, { thread, onProgress, signal: controller.signal })
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' })
    await expect(train(endless, learned, { thread, signal: controller.signal })).rejects.toThrow()
    const reason = new RangeError('enough')
    const soon = AbortSignal.abort(reason)
    await expect(train(endless, learned, { thread, signal: soon })).rejects.toBe(reason)
  })

  it('ends with what the listener throws', async () => {
    const broken: TrainOptions = {
      thread,
      onProgress: () => {
        throw new RangeError('no such chart')
      }
    }
    const endless = autoencoder({ epochs: 1_000_000, patience: 1_000_000 })
    await expect(train(endless, learned, broken)).rejects.toThrow(new RangeError('no such chart'))
  })

  it('says what is wrong with the samples', async () => {
    const spec = autoencoder({ window: { scans: 8 } })
    await expect(train(spec, part(scans, 0, 10), { thread })).rejects.toThrow(
      new RangeError('train: samples must hold scans enough for two windows, got 10')
    )
    await expect(train(spec, learned, { thread, channels: sixChannels.slice(1) })).rejects.toThrow(
      /expected 5 channels/
    )
    await expect(train(autoencoder({ channels: ['torq'] }), learned, { thread })).rejects.toThrow(/no channel 'torq'/)
  })
})

describe('train', () => {
  it('leaves time to others where it trains here', async () => {
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    await train(autoencoder({ epochs: 200, patience: 200 }), learned, { thread: 'here' })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
  })

  it('refuses what it cannot train', async () => {
    expect(() => train(robustZ(), learned)).toThrow(
      new TypeError("train: spec must be that of an autoencoder, got 'robust-z'; it is fitted by fit")
    )
    expect(() => train(autoencoder(), learned, { thread: 'gpu' as never })).toThrow(
      new RangeError("train: thread must be 'worker' or 'here', got 'gpu'")
    )
    const trained = await train(autoencoder({ epochs: 1 }), learned, { thread: 'here' })
    expect(() => trained.create(sixChannels.toReversed())).toThrow(/trained on the channels torque, .* got temperature/)
    expect(trained).not.toHaveProperty('only')
  })

  it('has a thread, and does not fall back on this one', async () => {
    const task = { options: { epochs: 2 }, only: undefined, channels: sixChannels, samples: learned }
    const snapshot = await trainInThread(task, () => {}, undefined)
    expect(snapshot).toEqual(fitted(autoencoder({ epochs: 2 })).snapshot())
  })

  it('ends here, too, when the listener ends it with the last batch', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const onProgress = (): void => controller.abort(new Error('enough'))
    const ended = train(autoencoder({ epochs: 1 }), learned, { thread: 'here', onProgress, signal })
    await expect(ended).rejects.toThrow('enough')
  })

  it('has a thread in a program with options that no thread may be given', async () => {
    const { href } = new URL('training-thread.ts', import.meta.url)
    const program = `
      const { trainInThread } = await import('${href}')
      const values = Float64Array.from({ length: 200 }, (_, i) => Math.sin(i))
      const samples = { channels: ['a'], values, length: 200, seconds: 1 }
      const task = { options: { epochs: 1 }, channels: [{ name: 'a', unit: '1' }], samples }
      console.log((await trainInThread(task, () => {})).kind)`
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-train-'))
    try {
      writeFileSync(join(folder, 'program.mts'), program)
      const args = ['--expose-gc', '--max-old-space-size=1000', '--import', 'tsx', join(folder, 'program.mts')]
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        cwd: new URL('../../../..', import.meta.url)
      })
      expect(stdout).toBe('autoencoder\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it.each([
    new URL('training-thread.ts', import.meta.url),
    new URL('../../../gsv-driver/src/source/worker/reading-thread.ts', import.meta.url)
  ])('%s is not what bundlers take for a worker of the browser', (file) => {
    // as Vite looks for it
    expect(readFileSync(file, 'utf8')).not.toMatch(/\bnew\s+(?:Worker|SharedWorker)\s*\(\s*new\s+URL/)
  })

  it('finds its thread in a program that came by --eval', async () => {
    const { href } = new URL('train.ts', import.meta.url)
    const program = `
      const { train } = await import('${href}')
      const { autoencoder } = await import('${href.replace('training/train.ts', 'autoencoder/autoencoder.ts')}')
      const { samples } = await import('${href.replace('training/train.ts', 'samples.ts')}')
      const a = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i))
      const trained = await train(autoencoder({ epochs: 2 }), samples({ a, b: a }), { onProgress: ({ epoch }) => console.log(epoch) })
      console.log(trained.create([{ name: 'a', unit: 'V' }, { name: 'b', unit: 'V' }]).ready)`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: new URL('../../../..', import.meta.url) }
    )
    expect(stdout).toBe('1\n2\ntrue\n')
  })
})
