import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from './cases.js';
import type { Repeat } from './measure.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The plain rule in C++, compiled with -O2 into a folder; undefined where there is no compiler. */
export function compileReference(into: string): string | undefined {
  const program = join(into, 'plain_rule');
  const compiled = spawnSync('g++', ['-O2', '-std=c++17', '-o', program, join(here, 'plain_rule.cpp')], {
    stdio: 'inherit',
  });
  return compiled.status === 0 ? program : undefined;
}

/** What each repeat of the workload of a case takes the plain rule. */
export function runReference(program: string, { workload, repeats }: BenchCase): Repeat[] {
  const { models, instances, maxBatchSize, requests, load } = workload;
  const words = [models, instances, maxBatchSize, requests, load, 1, repeats].map(String);
  const text = execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [wallS, cpuS] = line.split(' ').map(Number);
      return { wallS: wallS!, cpuS: cpuS! };
    });
}
