import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandModule } from 'yargs';
import { checkCommand } from '../../src/cli/commands/check.js';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { planCommand } from '../../src/cli/commands/plan.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { sweepCommand } from '../../src/cli/commands/sweep.js';
import { widthOf } from '../../src/report/text/width.js';
import { runCommand } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-narrow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const before = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };
afterEach(() => {
  Object.assign(process.stdout, before);
  vi.unstubAllEnvs();
});

const examples = (folder: string) =>
  readdirSync(`examples/${folder}`)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `examples/${folder}/${name}`);
/** Short, as how wide it is depends little on how long it takes. */
const SHORT = ['--duration', '2', '--warm-up', '0'];
const scenarios = examples('scenarios').flatMap((file, i): [CommandModule, string[]][] => [
  [simulateCommand as CommandModule, ['simulate', file, ...SHORT]],
  [simulateCommand as CommandModule, ['simulate', file, '-v', ...SHORT]],
  // It simulates once for each effect: every third is enough.
  ...(i % 3 === 0
    ? [[explainCommand as CommandModule, ['explain', file, ...SHORT]] as [CommandModule, string[]]]
    : []),
]);
const others: readonly (readonly [CommandModule, readonly string[]])[] = [
  ...examples('sweeps').map((file) => {
    return [sweepCommand as CommandModule, ['sweep', file, '--out', join(folder, basename(file))]] as const;
  }),
  ...examples('plans').flatMap((file) => [
    [planCommand as CommandModule, ['plan', file, '--budget', '20runs']] as const,
    [planCommand as CommandModule, ['plan', file, '--budget', '20runs', '-v']] as const,
  ]),
  ...examples('expectations').map((file) => [checkCommand as CommandModule, ['check', file]] as const),
  [
    compareCommand as CommandModule,
    ['compare', 'examples/scenarios/shared-gpu-streams.yaml', 'examples/scenarios/time-slices.yaml'],
  ],
];
const named = [...scenarios, ...others].map(([command, words]) => [words.join(' '), command, words] as const);

describe('on a terminal of 80 columns no line is wider that is printed by', () => {
  it.each(named)('perseus %s', async (_, command, words) => {
    Object.assign(process.stdout, { isTTY: true, columns: 80 });
    vi.stubEnv('NO_COLOR', '1');
    const { code, stdout } = await runCommand(command, words);
    expect(code).not.toBe(2);
    expect(stdout.length).toBeGreaterThan(0);
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });
});
