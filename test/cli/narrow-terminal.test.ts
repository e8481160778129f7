import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandModule } from 'yargs';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { profileCommand } from '../../src/cli/commands/profile.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { textOptions } from '../../src/cli/output.js';
import { runCommand } from './in-process.js';
import { smallScenario } from './small-scenario.js';

const { file } = smallScenario();
const before = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };

/** Stdout as a terminal of so many columns. */
function onTerminal(columns: number): void {
  Object.assign(process.stdout, { isTTY: true, columns });
  vi.stubEnv('NO_COLOR', '1');
}

afterEach(() => {
  Object.assign(process.stdout, before);
  vi.unstubAllEnvs();
});

const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('what commands print', () => {
  it.each([
    ['simulate', simulateCommand, [file]],
    ['explain', explainCommand, [file]],
    ['profile', profileCommand, ['show', 'calibration/t4']],
  ])('is no wider than the terminal: %s', async (name, command, words) => {
    onTerminal(80);
    const { code, stdout } = await runCommand(command as CommandModule, [name, ...words]);
    expect(code).toBe(0);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  it('is never wider than people read, nor so narrow that tables cut figures, and the same in a file whatever the terminal', () => {
    onTerminal(250);
    expect(textOptions().width).toBe(100);
    Object.assign(process.stdout, { isTTY: false, columns: 60 });
    expect(textOptions()).toEqual({ colour: false, width: 100 });
    onTerminal(30);
    expect(textOptions().width).toBe(80);
  });
});
