import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import { commands, GUIDE, offline, perseus, pictures, ROOT, read, SCRIPTS } from './support/guide.js';
import { blocks, shownOutputs } from './support/markdown.js';

/** What a command printed that was run already, or prints now. */
const printed = new Map<string, Promise<string>>();
function outputOf(command: string): Promise<string> {
  const line =
    command === 'npm start' ? SCRIPTS['start']!.replace('node bin/perseus.js', 'npx perseus') : command;
  const output = printed.get(line) ?? perseus(line);
  printed.set(line, output);
  return output;
}

/** Some commands search or sweep. */
const LONGEST_MS = 180_000;

describe('the README and the pages under docs', () => {
  beforeAll(() => {
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    for (const command of commands) {
      for (const output of command.matchAll(/--out (\.tmp\/\S+)/g)) {
        rmSync(join(ROOT, output[1]!), { recursive: true, force: true });
      }
    }
  });

  it('have commands to run', () => expect(commands.length).toBeGreaterThan(20));

  it.each(offline)(
    '%s works',
    async (command) => {
      const output = await outputOf(command);
      if (command.includes('--json')) expect(() => JSON.parse(output)).not.toThrow();
      else if (!command.includes('--out') || command.includes('simulate')) expect(output).not.toBe('');
    },
    LONGEST_MS,
  );

  it.each(pictures)(
    'show the picture that %s draws',
    async (command) => {
      const [picture] = /docs\/images\/\S+/.exec(command)!;
      const drawn = join('.tmp', basename(picture));
      await perseus(command.replace(picture, drawn));
      expect(read(drawn)).toBe(read(picture));
    },
    LONGEST_MS,
  );

  it.each(GUIDE.flatMap((page) => shownOutputs(read(page)).map((shown) => ({ page, ...shown }))))(
    'show output that $command really gives ($page)',
    async ({ command, lines }) => {
      const output = (await outputOf(command)).split('\n');
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(output).toContain(line);
    },
    LONGEST_MS,
  );

  it(
    'say what sharing the GPU costs as their sweep finds it',
    async () => {
      await outputOf(pictures.find((command) => command.includes('examples/sweeps/colocation.yaml'))!);
      const { rows } = JSON.parse(read('.tmp/colocation/results.json'));
      const meanOf = (placement: string, load: number, tenant: string, column: string) => {
        const values: number[] = rows
          .filter((row: Record<string, unknown>) => row['placement'] === placement && row['load'] === load)
          .filter((row: Record<string, unknown>) => row['tenant'] === tenant)
          .map((row: Record<string, number>) => row[column]);
        return values.reduce((a, b) => a + b) / values.length;
      };
      const p99 = (placement: string, load: number) => meanOf(placement, load, 'questions', 'latency_p99_ms');
      const added = (load: number) => (p99('together', load) - p99('apart', load)).toFixed(1);
      const cost = (placement: string) => meanOf(placement, 1, 'total', 'usd_per_hour');
      expect(cost('together')).toBeCloseTo(cost('apart') / 2, 9);
      expect(Math.max(p99('together', 1.5), p99('apart', 1.5))).toBeLessThan(25);
      expect(read('README.md')).toContain(
        `Sharing costs half as much per hour. It adds ${added(0.5)} ms to its p99 at half of the load, and ${added(1.5)} ms at one and a half times.`,
      );
    },
    LONGEST_MS,
  );

  it('show scenarios that load', async () => {
    const examples = GUIDE.flatMap((page) => blocks(read(page), 'yaml'));
    const names = [];
    for (const example of examples) {
      const file = join(ROOT, '.tmp', 'readme.yaml');
      // A part of a scenario is shown for that of two servers.
      const isWhole = example.startsWith('perseus:');
      const whole = isWhole ? example : `${read('examples/scenarios/two-servers.yaml')}\n${example}`;
      const placed = whole.replaceAll('config: models/', 'config: ../examples/scenarios/models/');
      writeFileSync(file, placed.replaceAll('../../calibration', '../calibration'));
      const { scenario } = await loadScenario(file);
      names.push(scenario.tenants.map(({ name }) => name));
    }
    expect(names).toEqual([['photos'], ['photos', 'uploads']]);
  });

  it('show code that runs', async () => {
    const examples = GUIDE.flatMap((page) => blocks(read(page), 'ts'));
    expect(examples.length).toBeGreaterThan(0);
    for (const [i, example] of examples.entries()) {
      const file = join(ROOT, '.tmp', `example-${i}.mjs`);
      writeFileSync(file, example);
      await promisify(execFile)(process.execPath, [file], { cwd: ROOT });
    }
  });
});
