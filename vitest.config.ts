import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { compiledThreads } from './test/support/compile.js';

/** They need a real Triton or Redis: one file at a time, so that nothing disturbs the servers. */
const LIVE = 'test/**/*.live.test.ts';
/** Long by nature: calibrations of simulated servers, many random cases, processes, the commands of the pages. */
const SLOW = 'test/**/*.slow.test.ts';
/** They replace modules by others (`vi.mock`), which nobody else must see: a process each. */
const MOCKS = 'test/**/*.mock.test.ts';
/** Of their random cases the quick suite tries a few, the slow one all. */
const MORE_CASES = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file}`)
  .filter((file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes("support/cases.js'"));

export default defineConfig({
  plugins: [compiledThreads()],
  test: {
    globalSetup: ['test/support/compile.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['src/**'] },
    // Otherwise one of two cores has little to do.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'core',
          include: ['test/**/*.test.ts'],
          exclude: [LIVE, SLOW, MOCKS],
          // Many files share a process: to load all modules anew for each takes as long as half of the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'mocks', include: [MOCKS] } },
      {
        extends: true,
        test: { name: 'slow', include: [SLOW, ...MORE_CASES], isolate: false, env: { PERSEUS_SLOW: '1' } },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: [LIVE],
          globalSetup: ['test/live/support/say-what-is-missing.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
