import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { canonicalJson } from '../../src/base/canonical-json.js';
import { writeRunFolder } from '../../src/node/runs/run-folder.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { devicesToCsv } from '../../src/report/csv.js';
import type { RunReport } from '../../src/report/run-report.js';
import { reportToText } from '../../src/report/text.js';

it('a run that kept no log is refused with what to do, and nothing is written', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'perseus-')), 'run');
  const run = await runScenario('examples/scenarios/one-tenant.yaml', {
    overrides: { durationS: 2, warmUpS: 0 },
  });
  await expect(writeRunFolder(out, run)).rejects.toThrow('call runScenario with { log: true }');
  expect(existsSync(out)).toBe(false);
});

it('a run folder is carried away with its profiles and traces, and gives the same figures there', async () => {
  const place = mkdtempSync(join(tmpdir(), 'perseus-'));
  const run = await runScenario('examples/scenarios/two-tenants.yaml', {
    overrides: { durationS: 4, warmUpS: 1 },
    runs: 2,
    log: true,
  });
  expect(await writeRunFolder(join(place, 'run'), run)).toEqual([]);
  const away = join(place, 'another/machine');
  mkdirSync(away, { recursive: true });
  renameSync(join(place, 'run'), join(away, 'run'));
  const again = await runScenario(join(away, 'run/scenario.json'), { runs: 2 });
  const figuresOf = ({ provenance: _, ...figures }: RunReport) => canonicalJson(figures);
  expect(figuresOf(again.report)).toBe(figuresOf(run.report));
  // Nothing in it leads out of it.
  expect(readFileSync(join(away, 'run/scenario.json'), 'utf8')).not.toMatch(/"(\.\.?)?\//);

  // Of the same run: what its intervals cover, and what of its memory is known.
  const text = reportToText(run.report);
  expect(text.replace(/\s+/g, ' ')).toContain(
    'All runs have the same arrivals of resnet50, inception-v3: intervals cover what the server draws, not another day of this load.',
  );
  expect(text).toMatch(/server\/gpu0 .* 868 of 7,611 /);
  expect(text).toMatch(/server\/gpu1 .* unknown of 7,611 /);
  expect(devicesToCsv(run.report)).toMatch(/server,gpu1,Tesla P4,[\d.]+,,7611/);
});

it('the scenario of a run folder keeps what a configuration says to those who deploy the model', async () => {
  const place = mkdtempSync(join(tmpdir(), 'perseus-'));
  const file = join(place, 'scenario.yaml');
  const plain = readFileSync('examples/scenarios/one-tenant.yaml', 'utf8');
  writeFileSync(
    join(place, 'config.pbtxt'),
    'max_batch_size: 8 dynamic_batching { } parameters { key: "weights" value { string_value: "w.bin" } }',
  );
  const parsed = parse(plain);
  parsed.profiles = ['shipped:t4'];
  parsed.servers[0].models[0].config = 'config.pbtxt';
  writeFileSync(file, stringify(parsed));
  const overrides = { durationS: 2, warmUpS: 0 };
  await writeRunFolder(join(place, 'run'), await runScenario(file, { overrides, log: true }));
  const { servers } = JSON.parse(readFileSync(join(place, 'run/scenario.json'), 'utf8'));
  expect(servers[0].models[0].config).toMatchObject({
    parameters: { weights: { string_value: 'w.bin' } },
  });
});
