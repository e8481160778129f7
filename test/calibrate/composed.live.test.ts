import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { describeLive, startTriton, type TestTriton } from '../live/support/triton.js';

/** An ensemble of a network that sleeps 3 ms and of a model that sleeps 1 ms, then calls the network. */
const MODELS = [
  { kind: 'sleeping', name: 'net', fixedUs: 3000, itemUs: 0 },
  { kind: 'composed', name: 'caller', fixedUs: 1000, itemUs: 0, calls: [{ call: 'net' }] },
  { kind: 'ensemble', name: 'chain', steps: ['net', 'caller'] },
  {
    kind: 'sleeping',
    name: 'cached',
    fixedUs: 1000,
    itemUs: 0,
    dims: [15_000],
    config: { response_cache: { enable: true } },
  },
] as const;

describeLive('calibrate of composed models', () => {
  const out = mkdtempSync(join(tmpdir(), 'perseus-composed-'));
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: MODELS, extraArguments: ['--cache-config=local,size=1048576'] });
  });

  afterAll(async () => {
    rmSync(out, { recursive: true, force: true });
    await triton?.stop({ graceMs: 3000 });
  });

  it('finds what an ensemble and its steps call, measures these apart, and writes what the calls cost', async () => {
    const client = connectTriton({ url: triton.url });
    const { fit, report } = await calibrateServer({
      client,
      models: ['chain'],
      out,
      budgetS: 10,
      design: { ...DEFAULT_DESIGN, largestBatch: 1 },
    });
    client.close();
    expect(fit.profiles.map(({ model }) => model)).toEqual(['net']);
    expect(report).toMatch(/^caller calls net: \d+ us of its own/);
    expect(report).toMatch(/\nchain is an ensemble of net, caller: \d+ us for each hand-over\n/);
    const { scenario } = await loadScenario(join(out, 'scenario.yaml'));
    const [server] = scenario.servers;
    expect(server!.models.map(({ config }) => config.name)).toEqual(['net', 'caller', 'chain']);
    const [, caller, chain] = server!.models;
    const [own, call] = caller!.calls!;
    expect((own as { ownUs: number }).ownUs).toBeGreaterThan(1000);
    expect(call).toMatchObject({ calls: [{ model: 0 }] });
    expect(chain!.ensemble!.steps.map(({ model }) => model)).toEqual([0, 1]);
    expect(server!.options.ensembleStepUs).toBeGreaterThanOrEqual(0);
    expect(scenario.tenants.map(({ model }) => model)).toEqual(['chain']);
  });

  it('executes each request to a cached model, and says what a hit costs', async () => {
    const client = connectTriton({ url: triton.url });
    const { fit, report } = await calibrateServer({
      client,
      models: ['cached'],
      out: join(out, 'cached'),
      budgetS: 8,
      design: { ...DEFAULT_DESIGN, largestBatch: 1 },
    });
    client.close();
    expect(fit.profiles[0]!.service[0]!.inferMs).toBeGreaterThan(1);
    expect(report).toMatch(
      /cached in the response cache: \d+ us for a hit, \d+ us for a miss and keeping the answer; \d+ us before either/,
    );
    const { scenario } = await loadScenario(join(out, 'cached/scenario.yaml'));
    const { cache } = scenario.servers[0]!.options;
    expect(cache!.lookUpUs).toBeGreaterThan(0);
    // The key is made of every byte of the request, here 60 kB.
    expect(cache!.hashPerKilobyteUs).toBeGreaterThan(0);
  });
});
