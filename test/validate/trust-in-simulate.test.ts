import { expect, it } from 'vitest';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { recordValidation } from '../../src/node/calibrate/validation-history.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { runCommand } from '../cli/in-process.js';
import { smallScenario } from '../cli/small-scenario.js';
import { compared, threeTenants } from './runs.js';

const { file, write } = smallScenario();
const HISTORY = 'profiles/validations.jsonl';
const simulate = (...words: string[]) =>
  runCommand(simulateCommand as never, ['simulate', file, '--no-bounds', ...words]);

it('simulate quotes the validations on record beside the profiles, in text and nowhere else', async () => {
  const [textBefore, jsonBefore] = [(await simulate()).stdout, (await simulate('--json')).stdout];
  expect(textBefore).not.toContain('How far to trust this');

  const report = compared(threeTenants(), threeTenants());
  const written = await recordValidation(file, await loadScenario(file), report);
  expect(written.endsWith(HISTORY)).toBe(true);

  const { stdout, code } = await simulate();
  expect(code).toBe(0);
  const quoted =
    /How far to trust this\nValidated on one scenario against a live server, last on [\s\S]*interval\.\n\n/;
  expect(stdout).toMatch(quoted);
  expect(stdout.replace(quoted, '')).toBe(textBefore);
  expect((await simulate('--json')).stdout).toBe(jsonBefore);
});

it('a history that cannot be read is named, and spoils no simulation', async () => {
  write(HISTORY, '');
  const { stdout: without } = await simulate();
  write(HISTORY, '{"format": "something else"}\n');
  const { stdout, stderr, code } = await simulate();
  expect(code).toBe(0);
  expect(stdout).toBe(without);
  expect(stderr).toMatch(/not quoted: .*validations\.jsonl:1: is no validation/);
});
