import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseExpectations } from '../../src/check/expectations.js';
import { loadPlan } from '../../src/node/plan/plan-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { listExamples, writeExample } from '../../src/node/scenario/shipped-examples.js';
import { prepareSweep } from '../../src/node/sweep/prepare-sweep.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-example-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const examples = await listExamples();
/** How to read what a command takes, with all that it names. */
const READERS: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  simulate: loadScenario,
  sweep: prepareSweep,
  plan: loadPlan,
  check: async (file) => {
    const { value } = parseExpectations(readFileSync(file, 'utf8'), { file });
    for (const { scenario } of value!.cases) await loadScenario(join(dirname(file), scenario));
  },
};

function filesBelow(place: string): string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
    .sort();
}

describe('a shipped example', () => {
  it.each(examples.map((example) => [example.name, example] as const))(
    '%s is written with all that it names, at the same paths',
    async (name, { command, about }) => {
      const { file, written, kept } = await writeExample(name, folder);
      await expect(READERS[command]!(file)).resolves.not.toThrow();
      const files = filesBelow(folder);
      expect([files.length, kept]).toEqual([written, 0]);
      for (const each of files)
        expect(readFileSync(join(folder, each)).equals(readFileSync(each)), each).toBe(true);
      expect(about).toMatch(/^[A-Z].*[.?]$/);
    },
  );

  it('is found by its bare name, unless several have it', async () => {
    await writeExample('colocation', folder);
    expect(filesBelow(folder)).toContain('examples/sweeps/colocation.yaml');
    await expect(writeExample('mig', folder)).rejects.toThrow(
      '--example: several examples are called "mig"; write scenarios/mig or plans/mig',
    );
    await expect(writeExample('colocatoin', folder)).rejects.toThrow('did you mean colocation?');
    await expect(writeExample('elsewhere', folder)).rejects.toThrow('--example alone lists all');
  });

  it('shares files with others that are there already', async () => {
    await writeExample('one-tenant', folder);
    const { written, kept } = await writeExample('time-slices', folder);
    expect(written).toBeGreaterThan(0);
    expect(kept).toBeGreaterThan(0);
    expect(await writeExample('time-slices', folder)).toMatchObject({ written: 0, kept: written + kept });
  });

  it('overwrites nothing, names every file that is in the way, and writes none then', async () => {
    const inTheWay = ['examples/scenarios/two-tenants.yaml', 'calibration/p4/resnet50.profile.json'];
    for (const file of inTheWay) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), 'mine');
    }
    const error = await writeExample('two-tenants', folder).catch((thrown) => thrown);
    expect(error.problems.map(({ file }: { file: string }) => file)).toEqual(
      inTheWay.map((file) => join(folder, file)),
    );
    expect(filesBelow(folder)).toEqual([...inTheWay].sort());
    for (const file of inTheWay) expect(readFileSync(join(folder, file), 'utf8')).toBe('mine');
  });
});
