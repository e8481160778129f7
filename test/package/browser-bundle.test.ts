import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

/** What a page needs to read a scenario and its profiles, check and simulate it, and sum it up. */
const PAGE = `export {
  InputError, parseProfile, parseScenarioSpec, checkScenario, simulate, summarizeRun,
} from './src/index.ts';`;

/**
 * 135 kB was asked for before perseus knew ensembles, models that call others, sequences, caches, engines, a rate limiter, loading,
 * kinds of clients, shared memory, iterative sequences and processes that die, which take 31 kB, ran ensembles stage by stage (2 kB) and sequences without events, and told what sequences and caches take (1 kB), how long steps stream and which queues an ensemble's requests come to (1 kB), loaded ensembles on demand and held the threads that ask the cache (1 kB). Half of the rest is zod and yaml; 5 kB are descriptions of fields, which a page does not need.
 */
const MOST_BYTES = 189_000;

it('a page that parses, checks, simulates and summarises loads at most 189 kB', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: PAGE, resolveDir: resolve(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const bundled = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const files = bundled.map(([file]) => file.replace(/^.*node_modules\//, ''));
  // zod's namespace import lets the bundler drop all its languages but the one that it falls back to.
  expect(files.filter((file) => file.includes('zod/v4/locales/'))).toEqual(['zod/v4/locales/en.js']);
  expect(files.filter((file) => file.startsWith('src/node'))).toEqual([]);
  expect(gzipSync(outputFiles[0]!.contents, { level: 9 }).byteLength).toBeLessThanOrEqual(MOST_BYTES);
});
