import { expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { tuneCommand } from '../../src/cli/commands/tune.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';

const { write } = smallScenario();
const SPACE = ['--instances', '1,2', '--max-batch', '2,8', '--delay', '0,2000', '--preferred', 'max'];

it('a large space gives the same bytes every time, on any number of threads', async () => {
  const loops = scenarioText({ durationS: 2 }).replaceAll(
    'process: {kind: poisson, ratePerS: 80}',
    'closedLoop: {concurrency: 2}',
  );
  const words = [write('closed.yaml', loops), ...SPACE, '--runs', '2', '--concurrency', '1,4', '--json'];
  const tune = (...more: string[]) => runCommand(tuneCommand as CommandModule, ['tune', ...words, ...more]);
  const [once, again, threads] = [await tune(), await tune(), await tune('--threads', '2')];
  expect(once.code).toBe(0);
  expect(again.stdout).toBe(once.stdout);
  expect(threads.stdout).toBe(once.stdout);
}, 120_000);
