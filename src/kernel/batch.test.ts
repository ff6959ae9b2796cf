import { expect, test } from 'vitest'
import { makeBatcher } from './batch.ts'

const later = () => new Promise((done) => setTimeout(done, 5))

test('what comes in together is written together, and each gets its own answer', async () => {
  const sizes: number[] = []
  const batcher = makeBatcher<number, number>({
    most: 100,
    lanes: 1,
    flush: async (items) => {
      sizes.push(items.length)
      await later()
      return items.map((n) => n * 2)
    },
  })
  const answers = await Promise.all(Array.from({ length: 250 }, (_, i) => batcher.add(i)))
  expect(answers).toEqual(Array.from({ length: 250 }, (_, i) => i * 2))
  expect(sizes).toEqual([100, 100, 50])
  await batcher.idle()
})

test('a batch that fails fails for those in it only', async () => {
  const batcher = makeBatcher<number, number>({
    most: 2,
    lanes: 1,
    flush: async (items) => {
      await later()
      if (items.includes(1)) throw new Error('disk full')
      return [...items]
    },
  })
  const settled = await Promise.allSettled([batcher.add(0), batcher.add(1), batcher.add(2)])
  expect(settled.map((s) => s.status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('while one batch is written the others wait, and no more than the lanes run at once', async () => {
  let running = 0
  let most = 0
  const batcher = makeBatcher<number, number>({
    most: 5,
    lanes: 2,
    flush: async (items) => {
      most = Math.max(most, ++running)
      await later()
      running--
      return [...items]
    },
  })
  await Promise.all(Array.from({ length: 60 }, (_, i) => batcher.add(i)))
  expect(most).toBe(2)
})
