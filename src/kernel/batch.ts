/** Puts together what comes in at the same time: one statement and one commit for many. */
export type Batcher<T, R> = {
  /** Resolves with the item's own answer once its batch is durable. */
  add(item: T): Promise<R>
  /** Waits until nothing is under way. */
  idle(): Promise<void>
}

type Waiting<T, R> = { item: T; resolve: (answer: R) => void; reject: (error: unknown) => void }

/**
 * Group commit: while `lanes` batches are being written, what comes in waits and goes together, up to `most`. No timer:
 * a single item on a quiet morning goes at once, and a crowd makes its own batches.
 */
export function makeBatcher<T, R>(given: {
  most: number
  lanes: number
  flush: (items: readonly T[]) => Promise<readonly R[]>
}): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = []
  let running = 0
  let scheduled = false
  let rested: (() => void)[] = []

  async function run(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const answers = await given.flush(batch.map((w) => w.item))
      batch.forEach((w, i) => w.resolve(answers[i]!))
    } catch (error) {
      for (const w of batch) w.reject(error)
    } finally {
      running--
      next()
      if (running === 0 && waiting.length === 0) {
        for (const rest of rested) rest()
        rested = []
      }
    }
  }

  function next(): void {
    while (running < given.lanes && waiting.length > 0) {
      const batch = waiting.slice(0, given.most)
      waiting = waiting.slice(given.most)
      running++
      void run(batch)
    }
  }

  return {
    add(item) {
      return new Promise<R>((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (scheduled) return
        scheduled = true
        // After what arrived in this turn of the loop, so that it goes together.
        setImmediate(() => {
          scheduled = false
          next()
        })
      })
    },
    idle: () =>
      running === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((done) => void rested.push(() => done())),
  }
}
