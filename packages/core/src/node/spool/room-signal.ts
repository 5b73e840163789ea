/** A promise of room, as long as there is none. @internal */
export class RoomSignal {
  #promise: Promise<void> | undefined
  #resolve: (() => void) | undefined

  wait(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve
    })
    return this.#promise
  }

  tell(): void {
    this.#resolve?.()
    this.#promise = undefined
    this.#resolve = undefined
  }
}
