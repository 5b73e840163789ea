/** Why a command is refused. @internal */
export class Refusal {
  readonly status: number

  constructor(status: number) {
    this.status = status
  }
}

/** @throws Refusal with this status unless the condition holds @internal */
export function must(condition: boolean, status: number): asserts condition {
  if (!condition) throw new Refusal(status)
}

/** The element at an index. @throws Refusal with 0x51 when there is none @internal */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Refusal(0x51)
  return item
}
