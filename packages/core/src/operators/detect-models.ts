import { from, isObservable, Observable, type ObservableInput, type Subscription } from 'rxjs'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { ModelRef } from '../model/model-ref.ts'
import type { Stream } from '../model/stream.ts'
import type { OperatorHost, OperatorRun } from '../rx/operator-run.ts'
import type { DetectLoaded } from './detect-loaded.ts'
import { DetectModelKernel } from './detect-model-kernel.ts'
import type { AnySpec, DetectPlan, LaterPlan } from './detect-plan.ts'
import { DetectShape, type Refusal, type ShapeHost } from './detect-shape.ts'
import { isOtherModel, modelText } from './detect-state.ts'

/** Where models come from, and what is done with them. @internal */
export interface ModelsOptions {
  readonly models: AnySpec | ObservableInput<AnySpec>
  readonly as: string
  planOf(model: AnySpec): DetectPlan | LaterPlan
  readonly resolve?: ((ref: ModelRef) => AnySpec | Promise<AnySpec>) | undefined
  readonly restoreWithinMs: number
}

/** The model that a checkpoint names, and how many were swapped before. @internal */
export interface WantedModel {
  readonly model: ModelRef
  readonly swaps: number
}

/** The models of one run: which one scores, and from which turn on. @internal */
export class DetectModels implements OperatorRun, ShapeHost {
  active: AnySpec | undefined
  /** How many models have taken the place of another one, restarts included. */
  swaps = 0
  /** The last one that was refused for all streams. */
  refusal: Refusal | undefined
  readonly #options: ModelsOptions
  readonly #host: OperatorHost
  readonly #id: string
  readonly #shapes = new Map<string, DetectShape>()
  readonly #closing = new Set<Promise<void>>()
  #opening: Promise<void> | undefined
  #opened: { done(): void; fail(error: unknown): void } | undefined
  #subscription: Subscription | undefined
  #cancel: (() => void) | undefined
  #wanted: WantedModel | undefined
  /** The model that the checkpoint names cannot be had. */
  #gaveUp = false
  #isClosed = false
  /** Why no more models will come, once that is so. */
  #end: { readonly cause: unknown } | undefined
  /** What came while the model of the checkpoint is waited for. */
  #held: AnySpec | undefined
  /** Being made ready; the newest alone counts. */
  #coming: AnySpec | undefined
  /** Takes effect at the next turn. */
  #next: AnySpec | undefined

  constructor(options: ModelsOptions, host: OperatorHost) {
    this.#options = options
    this.#host = host
    this.#id = `models of ${options.as}`
  }

  kernel(stream: Stream): DetectModelKernel {
    return new DetectModelKernel(this, stream)
  }

  /** Streams with the same channels have the same models. */
  shapeOf(stream: Stream): DetectShape {
    const key = JSON.stringify(stream.channels.map(({ name, unit, role }) => [name, unit, role]))
    let shape = this.#shapes.get(key)
    if (shape === undefined) {
      shape = new DetectShape(this, stream)
      this.#shapes.set(key, shape)
    }
    return shape
  }

  /** A checkpoint says which model scored: it scores on, before anything is read. */
  want(wanted: WantedModel): void {
    if (this.#opening === undefined && wanted.swaps >= (this.#wanted?.swaps ?? 0)) this.#wanted = wanted
  }

  /** The model that a checkpoint is to name: also while it is waited for. */
  get named(): { readonly model: ModelRef | undefined; readonly swaps: number } {
    if (this.active !== undefined) return { model: this.active.model, swaps: this.swaps }
    return this.#wanted ?? { model: undefined, swaps: 0 }
  }

  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** No block is being scored: a model that is ready takes the place of the one before. */
  turn(): void {
    if (this.#next !== undefined) this.#activate(this.#next)
  }

  planOf(model: AnySpec): DetectPlan | LaterPlan {
    return this.#options.planOf(model)
  }

  async recall(ref: ModelRef): Promise<AnySpec> {
    const { resolve } = this.#options
    if (resolve === undefined) throw new RangeError(`detect: ${modelText(ref)} cannot be had again without resolve`)
    const model = await resolve(ref)
    if (!isOtherModel(model.model, ref)) return model
    const got = model.model === undefined ? 'none' : `${modelText(model.model)} (${model.model.hash})`
    throw new RangeError(`detect: resolve must give ${modelText(ref)} (${ref.hash}), got ${got}`)
  }

  refused(model: AnySpec | undefined, why: string): void {
    const name = model?.model === undefined ? 'a model' : modelText(model.model)
    this.#host.warn(`${this.#id}: ${name} is refused: ${why}`)
    if (this.#isFed && this.active) this.#host.component(this.#id, 'degraded', `${name} is refused: ${why}`)
  }

  release(loaded: DetectLoaded): void {
    const closing = loaded.close().catch((error: unknown) => {
      this.#host.warn(`${this.#id}: a model could not be closed`, error)
    })
    // one that does not heed its signal must not hold up the end of the run
    if (loaded.isOpen) this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#subscription?.unsubscribe()
    this.#cancel?.()
    for (const shape of this.#shapes.values()) shape.close()
    await Promise.all(this.#closing)
  }

  /** Whether other models may come. */
  get #isFed(): boolean {
    return !isModel(this.#options.models)
  }

  async #open(): Promise<void> {
    const { models } = this.#options
    if (this.#isClosed) return
    if (isModel(models)) {
      this.active = models
      return
    }
    const opened = new Promise<void>((done, fail) => {
      this.#opened = { done, fail }
    })
    const wanted = this.#wanted
    const what = wanted === undefined ? 'the first model' : `${modelText(wanted.model)}, which the checkpoint names`
    this.#host.component(this.#id, 'connecting', `waits for ${what}`)
    this.#subscription = fed(models).subscribe({
      next: (model) => this.#offer(model),
      error: (error: unknown) => this.#ended(error ?? new Error('the models ended without a reason')),
      complete: () => this.#ended()
    })
    if (wanted !== undefined && this.active === undefined) this.#restore(wanted)
    await opened
  }

  /** Gets the model that the checkpoint names; where it cannot be had in time, the newest one takes its place. */
  #restore({ model }: WantedModel): void {
    const giveUp = (why: string): void => {
      if (this.active !== undefined || this.#gaveUp || this.#isClosed) return
      this.#gaveUp = true
      this.#cancel?.()
      const what = this.#held?.model === undefined ? 'the next model' : modelText(this.#held.model)
      this.#host.warn(`${this.#id}: the checkpoint names ${modelText(model)} (${model.hash}): ${why}; ${what} goes on`)
      if (this.#held !== undefined) this.#activate(this.#held)
      else if (this.refusal !== undefined) this.#opened?.fail(new SnapshotIncompatibleError('detect', this.refusal.why))
      else if (this.#end !== undefined) this.#opened?.fail(this.#end.cause)
    }
    const { resolve, restoreWithinMs } = this.#options
    const late = `it did not come within ${restoreWithinMs / 1000} s`
    this.#cancel = this.#host.scheduler.after(restoreWithinMs, () => giveUp(late))
    if (resolve === undefined) return
    this.recall(model).then(
      (recalled) => {
        if (this.active === undefined && !this.#isClosed) this.#goOn(recalled)
      },
      (error: unknown) => giveUp((error as Error | undefined)?.message ?? String(error))
    )
  }

  /** The model of the checkpoint scores on; what came meanwhile takes its place. */
  #goOn(recalled: AnySpec): void {
    const held = this.#held
    this.#activate(recalled)
    if (held !== undefined) this.#queue(held)
  }

  #offer(model: AnySpec): void {
    const why = this.#unfit(model)
    if (why !== undefined) {
      this.refusal = { model: model?.model, why }
      return this.refused(model, why)
    }
    if (this.active !== undefined) return this.#queue(model)
    if (this.#wanted === undefined || this.#gaveUp || !isOtherModel(model.model, this.#wanted.model))
      this.#activate(model)
    else this.#held = model
  }

  /** Why a model cannot come behind the others. */
  #unfit(model: AnySpec): string | undefined {
    if (!isModel(model) || model.model === undefined) {
      return 'it must be a fitted detector with a model, which has a name, version and hash'
    }
    const first = (this.active ?? this.#held)?.model ?? (this.#gaveUp ? undefined : this.#wanted?.model)
    if (first === undefined || first.name === model.model.name) return undefined
    return `its name must be '${first.name}' like that of the models before, got '${model.model.name}'`
  }

  /** Makes a model ready; it scores from the turn on that begins after that. */
  #queue(model: AnySpec): void {
    this.#coming = model
    this.#next = undefined
    for (const shape of this.#shapes.values()) shape.cool()
    if (!isOtherModel(model.model, this.active?.model)) return
    const ready = () => {
      if (this.#coming === model) this.#next = model
    }
    const opening = Array.from(this.#shapes.values(), (shape) => shape.warm(model)).filter((one) => one !== undefined)
    if (opening.length === 0) ready()
    else void Promise.allSettled(opening).then(ready)
  }

  #activate(model: AnySpec): void {
    const old = this.active
    this.active = model
    this.#next = this.#held = undefined
    this.#cancel?.()
    if (old === undefined) this.swaps = this.#wanted?.swaps ?? 0
    const before = old?.model ?? this.#wanted?.model
    if (before !== undefined && isOtherModel(model.model, before)) this.swaps += 1
    const name = modelText(model.model as ModelRef)
    if (old?.model !== undefined) this.#host.info(`${this.#id}: ${name} in place of ${modelText(old.model)}`)
    this.#host.component(this.#id, 'running', `${name} scores`)
    this.refusal = undefined
    for (const shape of this.#shapes.values()) shape.turn()
    this.#opened?.done()
  }

  /** No more models will come. */
  #ended(error?: unknown): void {
    const cause = error ?? new RangeError('detect: models must give at least one model, they ended without')
    this.#end = { cause }
    const last = (this.active ?? this.#held)?.model
    const isWaiting =
      this.active === undefined && this.#wanted !== undefined && !this.#gaveUp && (last || this.#options.resolve)
    if (last === undefined && !isWaiting) {
      return this.#opened?.fail(cause)
    }
    const goesOn = last === undefined ? 'none has come' : `${modelText(last)} goes on`
    if (error === undefined) {
      if (this.active) this.#host.component(this.#id, 'running', `${goesOn}; no more models will come`)
      return
    }
    this.#host.warn(`${this.#id}: no more models will come: ${(error as Error).message}`, error)
    this.#host.component(this.#id, 'degraded', `no more models will come: ${(error as Error).message}; ${goesOn}`)
  }
}

/** As `from` does, but that an iterable is told when nobody wants more, also while its next model is waited for. */
function fed(models: ObservableInput<AnySpec>): Observable<AnySpec> {
  const begin = (models as Partial<AsyncIterable<AnySpec>>)[Symbol.asyncIterator]
  if (isObservable(models) || begin === undefined) return from(models)
  return new Observable((to) => {
    const iterator = begin.call(models)
    const pull = async (): Promise<void> => {
      for (let next = await iterator.next(); !to.closed; next = await iterator.next()) {
        if (next.done) return to.complete()
        to.next(next.value)
      }
    }
    pull().catch((error: unknown) => to.error(error))
    return () => void iterator.return?.()?.catch(() => {})
  })
}

/** Whether this is a model, not a stream of them. @internal */
export function isModel(models: unknown): models is AnySpec {
  return typeof (models as AnySpec | undefined)?.create === 'function'
}

/** @internal */
export function areModels(models: unknown): models is ObservableInput<AnySpec> {
  return isObservable(models) || typeof (models as AsyncIterable<unknown>)?.[Symbol.asyncIterator] === 'function'
}
