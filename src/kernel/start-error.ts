/**
 * Why CityLoop cannot start, in one sentence a newcomer can act on.
 * `main.ts` prints it to stderr in both languages and exits with `exitCode` (never 0).
 */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly zh: string
  readonly en: string
  readonly exitCode: number

  constructor(sentence: { zh: string; en: string }, options: { exitCode?: number; cause?: unknown } = {}) {
    super(`${sentence.zh} / ${sentence.en}`, { cause: options.cause })
    this.zh = sentence.zh
    this.en = sentence.en
    this.exitCode = options.exitCode ?? 1
  }
}
