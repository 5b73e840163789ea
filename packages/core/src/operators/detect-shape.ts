import type { ModelRef } from '../model/model-ref.ts'
import type { Stream } from '../model/stream.ts'
import { DetectLoaded } from './detect-loaded.ts'
import type { AnySpec, DetectPlan, LaterPlan } from './detect-plan.ts'
import { modelText } from './detect-state.ts'

/** What a shape needs of the models of its run. @internal */
export interface ShapeHost {
  /** The model that scores from this turn on. */
  readonly active: AnySpec | undefined
  planOf(model: AnySpec): DetectPlan | LaterPlan
  /** A model that was scoring before a restart. */
  recall(ref: ModelRef): Promise<AnySpec>
  refused(model: AnySpec, why: string): void
  /** It scores nothing any more. */
  release(loaded: DetectLoaded): void
}

/** Why a model does not score here. @internal */
export interface Refusal {
  readonly model: ModelRef | undefined
  readonly why: string
}

/** The streams of a run with the same channels: the model that scores them, and the one that is made ready. @internal */
export class DetectShape {
  /** Why the active model does not score here. */
  refusal: Refusal | undefined
  readonly #host: ShapeHost
  readonly #stream: Stream
  #current: DetectLoaded | undefined
  /** The active model, once it was tried here. */
  #tried: AnySpec | undefined
  #warm: DetectLoaded | undefined
  /** Being opened for a block that waits for it. */
  #opening: DetectLoaded | undefined
  #isClosed = false
  /** Channels that were scored before a restart. */
  #names: string | undefined
  /** Of the model that was made ready, and does not fit. */
  #unfit: { readonly model: AnySpec; readonly error: Error } | undefined

  constructor(host: ShapeHost, stream: Stream) {
    this.#host = host
    this.#stream = stream
  }

  /** A checkpoint says what was scored here: other channels do not fit. */
  scored(names: readonly string[]): void {
    this.#names ??= names.join(', ')
  }

  /** Makes a model ready that will score soon. */
  warm(model: AnySpec): Promise<void> | undefined {
    this.cool()
    if (model === this.#current?.model) return undefined
    try {
      this.#warm = this.#load(model)
    } catch (error) {
      this.#unfit = { model, error: error as Error }
      return undefined
    }
    return this.#warm.opened
  }

  /** What was made ready will not score. */
  cool(): void {
    if (this.#warm !== undefined) this.#host.release(this.#warm)
    this.#warm = this.#unfit = undefined
  }

  /** Another model scores from now on: takes it, where it is ready. */
  turn(): void {
    const { active } = this.#host
    const [current, warm] = [this.#current, this.#warm]
    if (current !== undefined && current.model === active) this.#take(current)
    else if (warm?.isOpen && warm.model === active && this.#misfit(warm) === undefined) this.#take(warm)
    else if (this.#unfit !== undefined && this.#unfit.model === active) this.#refuse(active, this.#unfit.error)
  }

  /** The model that scores the next block. @param before - the model that scored before a restart, where the active one was refused */
  seat(before: ModelRef | undefined): DetectLoaded | Promise<DetectLoaded> {
    if (this.#tried === this.#host.active && this.#current !== undefined) return this.#current
    return this.#change(before)
  }

  close(): void {
    this.#isClosed = true
    this.cool()
    if (this.#current !== undefined) this.#host.release(this.#current)
    if (this.#opening !== undefined) this.#host.release(this.#opening)
  }

  async #change(before: ModelRef | undefined): Promise<DetectLoaded> {
    const active = this.#host.active as AnySpec
    try {
      const loaded = this.#warm?.model === active ? this.#checked(this.#warm) : this.#load(active)
      await this.#ready(loaded)
      this.#take(loaded)
      return loaded
    } catch (error) {
      if (this.#warm?.model === active) this.cool()
      if (this.#current === undefined && before !== undefined) await this.#goBack(before).catch(() => {}) // why `active` does not score is what counts
      if (this.#current === undefined) throw error
      this.#refuse(active, error as Error)
      return this.#current
    }
  }

  async #goBack(before: ModelRef): Promise<void> {
    const loaded = this.#load(await this.#host.recall(before))
    await this.#ready(loaded)
    this.#current = loaded
  }

  /** What was opened in vain, or for a run that is over, is closed. */
  async #ready(loaded: DetectLoaded): Promise<void> {
    this.#opening = loaded
    try {
      await loaded.opened
      if (this.#isClosed) throw new Error('the run is over')
    } catch (error) {
      this.#host.release(loaded)
      throw error
    } finally {
      this.#opening = undefined
    }
  }

  /** @throws RangeError when the model does not fit */
  #load(model: AnySpec): DetectLoaded {
    return this.#checked(new DetectLoaded(model, this.#host.planOf(model), this.#stream))
  }

  #checked(loaded: DetectLoaded): DetectLoaded {
    const misfit = this.#misfit(loaded)
    if (misfit === undefined) return loaded
    this.#host.release(loaded)
    throw misfit
  }

  #misfit(loaded: DetectLoaded): RangeError | undefined {
    const [names, here] = [loaded.names.join(', '), this.#current?.names.join(', ') ?? this.#names]
    if (here === undefined || names === here) return undefined
    return new RangeError(`it scores channels ${names}; the model before it scores ${here}`)
  }

  #take(loaded: DetectLoaded): void {
    const old = this.#current
    this.#current = loaded
    this.#tried = loaded.model
    if (this.#warm === loaded) this.#warm = undefined // another one may be coming
    this.#unfit = this.refusal = undefined
    if (old !== undefined && old !== loaded) this.#host.release(old)
  }

  #refuse(model: AnySpec, { message }: Error): void {
    this.cool()
    this.#tried = model
    const goesOn = this.#current?.model.model
    const why = goesOn === undefined ? message : `${message}; ${modelText(goesOn)} goes on`
    this.refusal = { model: model.model, why }
    this.#host.refused(model, why)
  }
}
