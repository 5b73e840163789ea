// One trial: a source is fed, the process under test is hurt, and what is stored is compared with the ledger.
// Over 200 lines: the course of a trial can be read in one place.
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleSubject } from './bundle-subject.ts'
import { FaultSchedule } from './fault-schedule.ts'
import type { Fault, Feed } from './feed.ts'
import { judge } from './judge.ts'
import { TrialFolder } from './limited-disk.ts'
import { openFeed } from './open-feed.ts'
import type { Sabotage, SinkName, SourceName, SubjectSettings } from './protocol.ts'
import { between, type Random, seeded } from './random.ts'
import { readStores } from './read-stores.ts'
import { SecondMember } from './second-member.ts'
import { Progress, SubjectProcess } from './subject-process.ts'
import { counted, recovery, type TrialResult } from './trial-result.ts'

export interface TrialOptions {
  readonly source: SourceName
  readonly sink: SinkName
  readonly records: number
  readonly rate: number
  readonly faults: readonly Fault[]
  readonly seed: number
  readonly spool: boolean
  /** Of the sinks. @defaultValue 'required' */
  readonly delivery?: 'required' | 'spooled' | undefined
  /** Of Kafka. @defaultValue 1 */
  readonly brokers?: number | undefined
  /** @defaultValue 'file' */
  readonly checkpoints?: SubjectSettings['checkpoints'] | undefined
  /** What the pipeline may hold that is not durable. @defaultValue that of the SDK */
  readonly credit?: string | undefined
  /** The broker's limits on what it queues: none, or its defaults. */
  readonly brokerLimits: 'off' | 'default'
  /** Most kills. */
  readonly kills?: number | undefined
  /** How long the process lives from being ready to its kill, ms. @defaultValue 300 to 2000 */
  readonly killAfter?: readonly [number, number] | undefined
  /** Most time between two faults, ms. @defaultValue 1500, with Kafka 10000 */
  readonly restMs?: number | undefined
  /** Longest trial, s. */
  readonly timeout?: number | undefined
  /** Where state and store are copied to at the end. */
  readonly keep?: string | undefined
  readonly sabotage?: Sabotage | undefined
  readonly log?: ((line: string) => void) | undefined
}

const KILL_AFTER_MS = [300, 2000] as const
const RULE = 'v.rms'
/** No new row for so long = nothing more will come, ms. */
const QUIET_MS = 2000
const STALLED_MS = 30_000
/** A server that was away so long may be tried again only after as long. */
const STILL_MS = 60_000
const DISK_BYTES = 1 << 29

export async function trial(options: TrialOptions): Promise<TrialResult> {
  const wantsDisk = options.faults.includes('disk-full')
  const folder = new TrialFolder(wantsDisk ? DISK_BYTES : undefined)
  const program = await bundleSubject('subject')
  let feed: Feed | undefined
  try {
    feed = await openFeed(options)
    return await new Trial(options, folder, feed, program).run()
  } finally {
    await feed?.close()
    if (options.keep) cpSync(folder.path, options.keep, { recursive: true })
    folder.remove()
    rmSync(dirname(program), { recursive: true, force: true })
  }
}

class Trial {
  readonly #options: TrialOptions
  readonly #folder: TrialFolder
  readonly #feed: Feed
  readonly #subject: SubjectProcess
  readonly #second: SecondMember | undefined
  readonly #random: Random
  readonly #faults: FaultSchedule
  readonly #leftOut: Partial<Record<Fault, string>> = {}
  readonly #began = performance.now()
  readonly #mostKills: number
  readonly #killAfter: readonly [number, number]
  #gaveUp: string | undefined

  constructor(options: TrialOptions, folder: TrialFolder, feed: Feed, program: string) {
    const { source, sink, rate, credit, spool, delivery = 'required', checkpoints = 'file', seed, sabotage } = options
    this.#options = options
    this.#folder = folder
    this.#feed = feed
    this.#random = seeded(seed)
    this.#mostKills = options.faults.includes('kill') ? (options.kills ?? Number.POSITIVE_INFINITY) : 0
    this.#killAfter = options.killAfter ?? [KILL_AFTER_MS[0], feed.restMs ?? KILL_AFTER_MS[1]]
    this.#faults = new FaultSchedule(
      seeded(seed + 1),
      options.faults,
      this.#possibleFaults(),
      options.restMs ?? feed.restMs
    )
    const address = feed.address
    const [state, store] = [join(folder.path, 'state'), join(folder.path, 'store')]
    const settings = {
      source,
      sink,
      address,
      rate,
      spool,
      delivery,
      checkpoints,
      credit,
      state,
      store,
      seed,
      sabotage,
      journal: feed.journal
    }
    const isDisturbed = (then: number): boolean => this.#second !== undefined || this.#faults.disturbedSince(then)
    const seen = new Progress()
    this.#subject = new SubjectProcess(program, settings, isDisturbed, seen)
    if (!this.#isShared) return
    const own = { state: join(folder.path, 'state-2'), store: join(folder.path, 'store-2') }
    this.#second = new SecondMember(new SubjectProcess(program, { ...settings, ...own }, isDisturbed, seen))
  }

  async run(): Promise<TrialResult> {
    const subject = this.#subject
    await this.#untilReady()
    this.#feed.start()
    while (!this.#over && subject.newest.size === 0) await subject.changed(50)
    this.#faults.start()
    this.#second?.start()
    while (!(this.#feed.isSent && this.#faults.hadEach) && !this.#over) await this.#live(this.#mostKills)
    await this.#faults.stop()
    await this.#second?.stop()
    this.#gaveUp ??= this.#second?.failure
    const drainKills = Math.min(this.#mostKills, subject.kills + 3)
    while (!this.#over && !this.#isDrained) await this.#live(drainKills)
    if (!this.#over) await this.#feed.finish()
    while (!this.#over && !this.#feed.isComplete(subject.newest)) await this.#live(0)
    while (!this.#over && !this.#isWritten) await this.#live(0)
    await this.#stopSubject()
    await this.#emptySpools()
    const seconds = (performance.now() - this.#began) / 1000
    if (this.#gaveUp) this.#options.log?.(`${this.#gaveUp}; it said:\n${subject.statuses.join('\n')}`)
    return this.#result(seconds)
  }

  /** Whether another process takes its part of the data. */
  get #isShared(): boolean {
    return this.#options.source === 'kafka' && this.#options.faults.includes('rebalance')
  }

  get #over(): boolean {
    if (this.#subject.state === 'done' || this.#gaveUp !== undefined) return true
    const { timeout = 3600 } = this.#options
    const now = performance.now()
    if (now - this.#began > timeout * 1000) this.#gaveUp = `not at an end after ${timeout} s`
    const { lastProgress, readyAt } = this.#subject
    const quiet = now - Math.max(lastProgress, readyAt, this.#faults.overAt)
    if (quiet > STILL_MS && (this.#feed.isSent || this.#feed.dataEnds)) {
      this.#gaveUp = `no new row for ${Math.round(quiet / 1000)} s`
    }
    if (this.#subject.failures.length >= 50) this.#gaveUp = 'the process failed 50 times'
    return this.#gaveUp !== undefined
  }

  /** What was sent has arrived, as far as can be seen. */
  get #isDrained(): boolean {
    const { state, readyAt, lastProgress } = this.#subject
    if (state !== 'ready') return false
    // behind the last fault there must be rows: a hole is declared before a row
    if (this.#feed.goesOn) return lastProgress - Math.max(readyAt, this.#faults.overAt) > QUIET_MS
    return performance.now() - lastProgress > QUIET_MS
  }

  /** New data goes before what a sink has missed: that the newest is there says nothing of the rest. */
  get #isWritten(): boolean {
    return this.#options.delivery !== 'spooled' || performance.now() - this.#subject.lastWrite > QUIET_MS
  }

  /** One life of the process, up to its kill, or a short look at one that is left alone. */
  async #live(mostKills: number): Promise<void> {
    const subject = this.#subject
    if (subject.state !== 'ready') await this.#untilReady()
    if (subject.kills >= mostKills) return subject.changed(100)
    const until = performance.now() + between(this.#random, ...this.#killAfter)
    while (performance.now() < until && subject.state === 'ready') {
      await subject.changed(Math.max(1, until - performance.now()))
    }
    if (subject.state !== 'ready') return
    await subject.kill(!this.#feed.isSent)
    this.#options.log?.(`kill ${subject.kills}: ${this.#progress()}`)
  }

  async #untilReady(): Promise<void> {
    const subject = this.#subject
    const since = performance.now()
    while (subject.state !== 'ready' && !this.#over) {
      if (subject.state === 'none') {
        if (subject.failures.length > 0) await sleep(300)
        subject.start()
      }
      await subject.changed(1000)
      const waited = performance.now() - since
      if (waited > STALLED_MS) subject.noteSlowStart()
      if (waited > 4 * STALLED_MS) this.#gaveUp = `the process was not ready within ${(4 * STALLED_MS) / 1000} s`
    }
  }

  async #stopSubject(): Promise<void> {
    const subject = this.#subject
    const deadline = performance.now() + 40_000
    subject.stop()
    while (subject.state !== 'done' && subject.state !== 'none' && performance.now() < deadline)
      await subject.changed(1000)
    if (subject.state !== 'done') this.#gaveUp ??= 'the process did not stop when it was asked to'
    await subject.close()
  }

  /** What was on disk and not handed over or written at the stop comes at the next start, also when the device is gone by then. */
  async #emptySpools(): Promise<void> {
    const { spool, delivery } = this.#options
    const isGone = spool && this.#feed.silence !== undefined
    if (isGone) await this.#feed.silence?.()
    if (!isGone && delivery !== 'spooled') return
    const subject = this.#subject
    for (let before = -1; subject.writes > before && !this.#gaveUp; ) {
      before = subject.writes
      subject.start()
      const since = performance.now()
      while (subject.state !== 'done' && performance.now() - Math.max(since, subject.lastWrite) < QUIET_MS) {
        await subject.changed(100)
      }
      await this.#stopSubject()
    }
  }

  #possibleFaults(): Partial<Record<Fault, (ms: number) => Promise<void>>> {
    const { faults } = this.#options
    const possible = { ...this.#feed.faults }
    if (this.#folder.unlimited === undefined) {
      possible['disk-full'] = async (ms) => {
        this.#folder.fill()
        await sleep(ms)
        this.#folder.free()
      }
    }
    for (const fault of faults) {
      if (fault === 'kill' || possible[fault] || (fault === 'rebalance' && this.#isShared)) continue
      this.#leftOut[fault] = (fault === 'disk-full' && this.#folder.unlimited) || 'this source has nothing of the kind'
    }
    return possible
  }

  #progress(): string {
    const { sent } = this.#feed.ledger
    const rows = [...this.#subject.newest.values()]
    const seconds = Math.round((performance.now() - this.#began) / 1000)
    return `${seconds} s, ${sent} sent, newest rows ${Math.min(...rows)} to ${Math.max(...rows)}`
  }

  async #result(seconds: number): Promise<TrialResult> {
    const subject = this.#subject
    const second = this.#second?.process
    const stores = second ? ['store', 'store-2'] : ['store']
    const stored = await readStores({ sink: this.#options.sink, folder: this.#folder.path, stores }, this.#feed, RULE)
    const { plan, ledger, dataEnds } = this.#feed
    const verdict = this.#feed.judge?.(stored, RULE) ?? judge(plan, ledger, stored, { rule: RULE, dataEnds })
    return {
      ...verdict,
      repeatedLines: stored.repeatedLines,
      largestUnsettledBytes: Math.max(subject.largestUnsettled, second?.largestUnsettled ?? 0),
      kills: subject.kills,
      recoveryMs: recovery(subject.recoveries),
      recoveryWithFaultsMs: recovery(subject.disturbedRecoveries),
      seconds: Math.round(seconds * 10) / 10,
      seed: this.#options.seed,
      faults: {
        kill: subject.kills,
        ...this.#faults.counts,
        ...(this.#second ? { rebalance: this.#second.moves } : {})
      },
      faultsLeftOut: this.#leftOut,
      failures: counted([...subject.failures, ...(second?.failures ?? [])]),
      gaveUp: this.#gaveUp,
      slowStarts: subject.slowStarts
    }
  }
}
