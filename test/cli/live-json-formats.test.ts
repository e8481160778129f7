import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { calibrateCommand } from '../../src/cli/commands/calibrate.js';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { emitCommand } from '../../src/cli/commands/emit.js';
import { liveCommand } from '../../src/cli/commands/live.js';
import { profileCommand } from '../../src/cli/commands/profile.js';
import { IS_SLOW } from '../support/cases.js';
import { type MemoryTriton, startMemoryTriton } from '../support/memory-triton.js';
import { runCommand } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, path, write } = smallScenario();
const apart = write('apart.yaml', scenarioText({ servers: 2 }));

let triton: MemoryTriton;
beforeAll(async () => {
  triton = await startMemoryTriton({ models: { cats: {}, dogs: {} } });
});
afterAll(() => triton.stop());

const inputs = ['test/fixtures/traffic/trace.json.gz', '--device', 'CPU'];

const formats: [string, CommandModule, () => string[], string[]][] = [
  [
    'perseus-calibration/1',
    calibrateCommand as CommandModule,
    () => [
      'calibrate',
      '--url',
      triton.url,
      '--models',
      'cats',
      '--budget',
      '1s',
      '--max-batch',
      '1',
      '--out',
      path('fit'),
    ],
    ['models', 'pairs', 'profiles', 'serving', 'uncertain'],
  ],
  [
    'perseus-live/1',
    liveCommand as CommandModule,
    () => ['live', file, '--url', triton.url, '--duration', '0.5', '--warm-up', '0'],
    ['endReason', 'errors', 'generator', 'summary'],
  ],
  [
    'perseus-emit/1',
    emitCommand as CommandModule,
    () => ['emit', file, '--out', path('deploy')],
    ['files', 'out'],
  ],
  [
    'perseus-comparison/2',
    compareCommand as CommandModule,
    () => ['compare', file, apart, '--runs', '1'],
    ['a', 'b', 'behind', 'cost', 'metrics'],
  ],
  [
    'perseus-marginal-cost/1',
    compareCommand as CommandModule,
    () => ['compare', file, '--without', 'dogs-people', '--runs', '1'],
    ['tenant', 'usdPerHour'],
  ],
  [
    'perseus-profile-import/1',
    profileCommand as CommandModule,
    () => ['profile', 'import', 'triton-trace', ...inputs, '--out', path('stored')],
    ['profiles'],
  ],
];

/** A calibration takes longer than all others together: the slow suite has it. */
it.each(formats.filter(([format]) => IS_SLOW || format !== 'perseus-calibration/1'))(
  '%s stands first in the answer as JSON of its command',
  async (format, command, words, members) => {
    const { code, stdout } = await runCommand(command, [...words(), '--json']);
    expect(code).toBe(0);
    const answer: Record<string, unknown> = JSON.parse(stdout);
    expect(Object.keys(answer)[0]).toBe('format');
    expect(answer).toMatchObject({ format });
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(members));
  },
  30_000,
);
