import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeRunFolder } from '../../src/node/runs/run-folder.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';

it('a run that kept no log is refused with what to do, and nothing is written', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'perseus-')), 'run');
  const run = await runScenario('examples/scenarios/one-tenant.yaml', {
    overrides: { durationS: 2, warmUpS: 0 },
  });
  await expect(writeRunFolder(out, run)).rejects.toThrow('call runScenario with { log: true }');
  expect(existsSync(out)).toBe(false);
});
