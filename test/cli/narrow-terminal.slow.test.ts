import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandModule } from 'yargs';
import { checkCommand } from '../../src/cli/commands/check.js';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { planCommand } from '../../src/cli/commands/plan.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { sweepCommand } from '../../src/cli/commands/sweep.js';
import { tuneCommand } from '../../src/cli/commands/tune.js';
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
    ? [
        [explainCommand as CommandModule, ['explain', file, ...SHORT]] as [CommandModule, string[]],
        [explainCommand as CommandModule, ['explain', file, '-v', ...SHORT]] as [CommandModule, string[]],
      ]
    : []),
]);
const two = ['examples/scenarios/shared-gpu-streams.yaml', 'examples/scenarios/time-slices.yaml'];
const runs = two.map((file) => [
  simulateCommand,
  ['simulate', file, ...SHORT, '--out', join(folder, basename(file))],
]);
const sweeps = examples('sweeps');
/** Each prints its short form and its long one. */
const others = [
  ...sweeps.map((file) => [sweepCommand, ['sweep', file, '--out', join(folder, basename(file))]]),
  ...examples('plans').map((file) => [planCommand, ['plan', file, '--budget', '20runs']]),
  ...examples('expectations').map((file) => [checkCommand, ['check', file]]),
  [compareCommand, ['compare', ...two, ...SHORT]],
  [compareCommand, ['compare', two[0]!, '--without', 'photos', ...SHORT]],
  [diffCommand, ['diff', ...two.map((file) => join(folder, basename(file)))]],
  [
    diffCommand,
    ['diff', ...sweeps.slice(0, 1).flatMap((file) => Array(2).fill(join(folder, basename(file))))],
  ],
  [
    tuneCommand,
    ['tune', 'examples/scenarios/one-tenant.yaml', '--objective', 'latency', '--budget', '20', ...SHORT],
  ],
].flatMap(([command, words]) => [
  [command as CommandModule, words as string[]] as const,
  [command as CommandModule, [...(words as string[]), '-v']] as const,
]);
const named = [...scenarios, ...(runs as [CommandModule, string[]][]), ...others].map(
  ([command, words]) => [words.join(' '), command, words] as const,
);

describe('on a terminal of 80 columns no line is wider, and no figure cut, that is printed by', () => {
  it.each(named)('perseus %s', async (_, command, words) => {
    Object.assign(process.stdout, { isTTY: true, columns: 80 });
    vi.stubEnv('NO_COLOR', '1');
    const { code, stdout } = await runCommand(command, words);
    expect(code).not.toBe(2);
    expect(stdout.length).toBeGreaterThan(0);
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80 || /(?<!@\w*)[\d(,–]…/.test(line))).toEqual(
      [],
    );
  });
});
