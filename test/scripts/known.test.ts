import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pointsOf } from '../../scripts/known/held-out.js';
import { scenarioServers } from '../../scripts/known/scenario-servers.js';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'perseus-known-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a scenario's servers are known servers: what their profiles say is the truth", async () => {
  const [server] = await scenarioServers(join(ROOT, 'examples/scenarios/shared-memory.yaml'));
  expect(server).toMatchObject({
    name: 't4',
    devices: [expect.anything()],
    models: [{ config: { name: 'resnet50' }, profile: { model: 'resnet50', serving: expect.anything() } }],
  });
});

it('a model that calibration does not measure by itself is named with its place', async () => {
  await expect(scenarioServers(join(ROOT, 'examples/scenarios/ensemble.yaml'))).rejects.toThrow(
    /ensemble\.yaml: servers\[0\]\.models\[\d\]: "\w+" is no model that calibration measures by itself; leave it out/,
  );
});

it('a file that is no scenario is refused with its line', async () => {
  const file = join(folder, 'other.yaml');
  writeFileSync(file, 'perseus: 1\nservers: 3\n');
  await expect(scenarioServers(file)).rejects.toThrow(/other\.yaml:2:10: servers: /);
});

it('a load is told as two figures with the interval of its profiles', () => {
  const load = { server: 's', model: 'm', load: 'half', meanMs: 10, p99Ms: 20 };
  const errors = { meanErrorPercent: 1, p99ErrorPercent: -2 };
  const ranges = { meanMs: [9, 12], p99Ms: [18, 21] } as const;
  expect(pointsOf({ ...load, ...errors, ranges })).toMatchObject([
    { metric: 'meanMs', measured: 10, predicted: 10.1, low: 9, high: 12, errorPercent: 1 },
    { metric: 'p99Ms', measured: 20, predicted: 19.6, low: 18, high: 21, errorPercent: -2 },
  ]);
});
