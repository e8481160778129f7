import { defineConfig } from 'vitest/config';

/** Servers, Redis and killed processes: one file at a time, after all others, so that nothing disturbs them. */
const ALONE = [
  'test/live/**/*.test.ts',
  'test/**/live-*.test.ts',
  'test/**/*redis*.test.ts',
  'test/**/*kill*.test.ts',
  'test/readme.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['src/**'] },
    projects: [
      {
        extends: true,
        test: { name: 'core', include: ['test/**/*.test.ts'], exclude: ALONE, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'live', include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
