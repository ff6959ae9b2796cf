import { defineConfig } from 'vitest/config'

// Two workers: the machine that must pass in 15 minutes has two cores. The start-up tests start whole servers
// and signal process groups, so they run alone and last.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A second is nothing on a machine that two browsers and four databases share.
    expect: { poll: { timeout: 15_000 } },
    // What was not there in time is waited for once more, and the end of the run names it (scripts/check.ts); a wrong value fails at once.
    retry: { count: 1, condition: /Timeout \d+ms exceeded|Test timed out in/ },
    projects: [
      {
        extends: true,
        test: {
          name: 'city',
          include: ['{src,web,test,bench,scripts}/**/*.test.{ts,tsx}'],
          exclude: ['test/startup/**', '**/node_modules/**', 'test/canary/**'],
          globalSetup: ['test/harness/postgres.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'startup',
          include: ['test/startup/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
