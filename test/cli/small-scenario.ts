import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile } from '../support/scenario.js';

export interface SmallScenario {
  /** Where the file lies; in it also profiles/. Removed after the tests of the file. */
  readonly folder: string;
  readonly file: string;
  /** A path in the folder. */
  readonly path: (name: string) => string;
  /** Writes a text into the folder and gives its path. */
  readonly write: (name: string, text: string) => string;
}

/** The command line of Node that runs perseus, which is compiled before the tests (`test/support/compile.ts`). */
export const PERSEUS = [join(import.meta.dirname, '../../dist/cli/main.js')] as const;

/** Runs perseus in a process of its own, which takes a moment: for what only a process shows. */
export function perseus(words: readonly string[], cwd?: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...PERSEUS, ...words], {
    encoding: 'utf8',
    cwd: cwd ?? process.cwd(),
  });
  return { code: status, stdout, stderr };
}

/** A folder with a scenario of two tenants on one GPU, which simulates in a moment. */
export function smallScenario(): SmallScenario {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text);
    return path(name);
  };
  mkdirSync(path('profiles'));
  for (const name of ['cats', 'dogs']) {
    const own = profile(name, 4, 0.5, { interference: { pairs: [], sensitivity: 0.5, pressure: 1 } });
    write(`profiles/${name}.profile.json`, serializeProfile(own));
  }
  return { folder, path, write, file: write('small.yaml', scenarioText()) };
}

export interface ScenarioSketch {
  readonly sharing?: string;
  readonly servers?: 1 | 2;
  readonly durationS?: number;
  readonly ratePerS?: number;
}

/** With two servers each model has a GPU of its own. */
export function scenarioText({
  sharing = 'streams',
  servers = 1,
  durationS = 4,
  ratePerS = 80,
}: ScenarioSketch = {}): string {
  const server = (name: string, models: readonly string[]) => [
    `  - name: ${name}`,
    '    machine: {kind: box, usdPerHour: 1.5, priceSource: test}',
    `    devices: [{name: gpu0, kind: Test GPU, memoryMb: 16000, sharing: ${sharing}}]`,
    '    models:',
    ...models.map(
      (model) =>
        `      - {name: ${model}, config: {max_batch_size: 8, dynamic_batching: {}, instance_group: [{kind: KIND_GPU}]}}`,
    ),
  ];
  return [
    'perseus: 1',
    'name: small',
    'seed: 3',
    `durationS: ${durationS}`,
    'warmUpS: 0.5',
    'profiles: [profiles]',
    'servers:',
    ...(servers === 1 ? server('a', ['cats', 'dogs']) : [...server('a', ['cats']), ...server('b', ['dogs'])]),
    'tenants:',
    ...['cats', 'dogs'].flatMap((model) => [
      `  - name: ${model}-people`,
      `    model: ${model}`,
      `    load: {process: {kind: poisson, ratePerS: ${ratePerS}}}`,
      '    slo: {percentile: 99, limitMs: 12}',
    ]),
    '',
  ].join('\n');
}
